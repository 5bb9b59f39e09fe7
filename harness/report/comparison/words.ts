/** What is said of a comparison in every format. */
import type {
  Cell,
  Change,
  Comparison,
  ComparisonVerdict,
  MeasurementComparison,
} from '../../analysis/compare/comparison.ts';
import { labelOf } from '../measurements.ts';
import { fixed, formatOf } from '../numbers.ts';
import type { Paint } from '../style.ts';
import { safeText } from '../text.ts';

/** What `thaw compare` found, in one sentence with the figures that decided. */
export function sentence({ cells, verdict }: Comparison): string {
  const parts = cells.map((cell) => `${safeText(cell.scenario, 60)}: ${reasonOf(cell, verdict)}`);
  return parts.length > 4 ? `${parts.length} scenarios; see below` : parts.join('; ');
}

/** Measurements, and failures, of one verdict. */
export function ofVerdict(cell: Cell, wanted: ComparisonVerdict): string[] {
  const { failures, measurements } = cell;
  return [
    ...(failures.verdict === wanted ? ['failed migrations'] : []),
    ...measurements
      .filter(({ verdict }) => verdict === wanted)
      .map((one) => `${labelOf(one.measurement)} ${changeText(one) || fromNone(one)}`.trim()),
  ];
}

function reasonOf(cell: Cell, worst: ComparisonVerdict): string {
  const own = worst === cell.verdict ? worst : cell.verdict;
  switch (own) {
    case 'regressed':
    case 'improved':
      return ofVerdict(cell, own).join(', ');
    case 'unknown':
      return (
        [cell.failures, ...cell.measurements].find(({ verdict }) => verdict === 'unknown')?.why ?? 'unknown'
      );
    case 'no difference shown':
      return 'no difference is significant, large enough, and larger than between runs';
  }
}

/** `+19.8 %`; nothing where no ratio tells it. */
export function changeText({ change }: Pick<MeasurementComparison, 'change'>): string {
  return percent(change?.estimate ?? null);
}

/** Where the base has nothing of it, no ratio tells how much more the candidate has; nothing where that is not so. */
export function fromNone({ change, base, candidate, unit }: MeasurementComparison): string {
  if (change !== null || base.median !== 0 || candidate.median === null) return '';
  if (candidate.median === 0) return 'from none to some';
  const format = formatOf({ unit, max: candidate.median, uncertainty: null });
  return `from none to ${format.value(candidate.median)} ${format.unit}`.trim();
}

/** `+19.8 %`; nothing where it is not known. */
export function percent(fraction: number | null): string {
  if (fraction === null) return '';
  const value = fraction * 100;
  const text = fixed(value, Math.abs(value) < 99.95 ? 1 : 0);
  return `${value > 0 && Number(text) !== 0 ? '+' : ''}${text} %`;
}

/** `+17.1 … +22.0 %`, an end that is open as `?`. */
export function percentInterval(change: Change | null): string {
  if (change === null) return '';
  const end = (fraction: number | null) => (fraction === null ? '?' : percent(fraction).replace(' %', ''));
  return `${end(change.low)} … ${end(change.high)} %`;
}

/** Two significant digits, and never 0. */
export function pValue(p: number | null): string {
  if (p === null) return '-';
  return p < 0.0001 ? '<0.0001' : String(Number(p.toPrecision(2)));
}

export const VERDICT_MARKS: Record<ComparisonVerdict, string> = {
  regressed: '✗',
  improved: '✓',
  'no difference shown': '=',
  unknown: '?',
};

export function inVerdictColour(paint: Paint, verdict: ComparisonVerdict, text: string): string {
  switch (verdict) {
    case 'regressed':
      return paint.red(text);
    case 'improved':
    case 'no difference shown':
      return paint.green(text);
    case 'unknown':
      return paint.yellow(text);
  }
}
