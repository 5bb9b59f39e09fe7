/** How a suite's cells are told, in whatever format. */
import type { CellState, SuiteCell } from '../../analysis/suite/result.ts';
import { formatOf } from '../numbers.ts';

export const STATE_MARKS: Record<CellState, string> = {
  pass: '✓',
  expected: '✓',
  fail: '✗',
  'unexpected-pass': '✗',
  flaky: '~',
  unknown: '?',
  skipped: '-',
  'not-run': '?',
};

/** `5 pass, 1 flaky`: in the order of `STATE_MARKS`, without those that no cell is in. */
export function tally(cells: readonly Pick<SuiteCell, 'state'>[]): string {
  const counted = Object.keys(STATE_MARKS).map((state) => ({
    state,
    count: cells.filter((cell) => cell.state === state).length,
  }));
  return counted
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => `${count} ${state}`)
    .join(', ');
}

/** The median of a measurement with its interval, each empty where it is not known. */
export function medianOf({ figures }: SuiteCell, measurement: string): { median: string; interval: string } {
  const figure = figures.find((one) => one.measurement === measurement);
  if (figure === undefined || figure.median === null) return { median: '', interval: '' };
  const format = formatOf({ unit: figure.unit, max: figure.median, uncertainty: figure.uncertainty });
  const missing = figure.unknown === 0 ? '' : ` ?${figure.unknown}`;
  return {
    median: format.value(figure.median),
    interval: `${figure.medianCi95?.map(format.value).join('–') ?? ''}${missing}`,
  };
}

/** `9/10`: migrations that completed, of all that were measured. */
export function completedOf({ migrations, failed }: SuiteCell): string {
  return failed === 0 ? `${migrations}` : `${migrations - failed}/${migrations}`;
}

/** Why a cell is in its state: in short, then what its runs said. */
export function reasonsOf({ because, skipped, causes, notPassed }: SuiteCell): string[] {
  return [because, ...(skipped === null ? [] : [skipped]), ...causes, ...notPassed];
}
