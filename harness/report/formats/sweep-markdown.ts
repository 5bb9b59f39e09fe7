/** A sweep as Markdown of GitHub's kind, for a job's summary: at most 1 MiB, which is what one may have. */
import type { Compatibility } from '../../analysis/sweep/compatibility.ts';
import type { CellResult, Cost, SweepResult } from '../../analysis/sweep/result.ts';
import { counted, fixed } from '../numbers.ts';
import { MARKS } from '../style.ts';
import { figureText, notPassedOf, per } from '../sweep/cells.ts';
import { pairOf, pairText, REASONS_AT_MOST, reasonsOf } from '../sweep/words.ts';
import { leftOut, plain } from './markdown-text.ts';

const ROWS_AT_MOST = 1_000;
const REASONED_AT_MOST = 200;

export function sweepMarkdown(result: SweepResult): string {
  const { name, cells, rounds, planned, done, verdict, costs } = result;
  const notPassed = cells.filter((cell) => cell.verdict !== 'pass');
  const parts = [
    `**${verdict}**: ${plain(name)}: ${counted(cells.length, 'cell')} × ${counted(rounds, 'round')}, ${done} of ${counted(planned, 'run')}`,
    ...result.compatibility.map((one) => compatibility(one, result.versions)),
    cellTable(result),
    ...leftOut(cells.length - ROWS_AT_MOST, 'cells'),
    ...(costs.length === 0 ? [] : [costTable(costs.slice(0, ROWS_AT_MOST))]),
    ...notPassed.slice(0, REASONED_AT_MOST).map(reasons),
    ...leftOut(notPassed.length - REASONED_AT_MOST, 'cells that did not pass'),
  ];
  return `${parts.join('\n\n')}\n`;
}

function rowsOf(header: readonly string[], align: string, rows: readonly string[][]): string {
  const line = (columns: readonly string[]): string => `| ${columns.map(plain).join(' | ')} |`;
  const marks = [...align].map((one) => (one === 'r' ? '-:' : '-'));
  return [line(header), `|${marks.join('|')}|`, ...rows.map(line)].join('\n');
}

/** A row: where it was dumped; a column: where it was restored. */
function compatibility(one: Compatibility, versions: SweepResult['versions']): string {
  const named = (name: string): string => [name, ...(versions[name] ?? [])].join(', ');
  const where = Object.entries(one.where).map(([key, value]) => `, ${plain(`${key} ${value}`)}`);
  const matrix = rowsOf(
    ['source ↓, destination →', ...one.destinations.map(named)],
    'l'.repeat(1 + one.destinations.length),
    one.sources.map((source) => [
      named(source),
      ...one.destinations.map((destination) => pairText(pairOf(one, source, destination))),
    ]),
  );
  const all = one.pairs.flatMap((pair) =>
    reasonsOf(pair)
      .slice(0, REASONS_AT_MOST)
      .map((reason) => ({ pair, reason })),
  );
  const told = all
    .slice(0, REASONED_AT_MOST)
    .map(
      ({ pair: { source, destination, state }, reason }) =>
        `- ${plain(`${source} → ${destination}: ${state}: ${reason}`)}`,
    );
  const parts = [
    `**Compatibility**${where.join('')}`,
    matrix,
    told.join('\n'),
    ...leftOut(all.length - REASONED_AT_MOST, 'reasons'),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function cellTable({ axes, cells }: SweepResult): string {
  const rows = cells.slice(0, ROWS_AT_MOST).map((cell) => {
    const [frozen, downtime] = [figureText(cell, 'frozen-window'), figureText(cell, 'downtime')];
    return [
      MARKS[cell.verdict],
      ...axes.map(({ key }) => cell.values[key] ?? ''),
      ...frozen,
      ...downtime,
      `${cell.migrations - cell.failed}/${cell.migrations}`,
    ];
  });
  const header = [
    '',
    ...axes.map(({ key }) => key),
    'frozen window, ms',
    '95 %',
    'downtime, ms',
    '95 %',
    'completed',
  ];
  return rowsOf(header, `l${'l'.repeat(axes.length)}rlrlr`, rows);
}

function costTable(costs: readonly Cost[]): string {
  const rows = costs.map(({ axis, unit, measurement, where, line }) => [
    axis,
    measurement,
    Object.values(where).join(' '),
    fixed(line.fixed.value, 1),
    `${per(unit)} ${unit}`.trim(),
    fixed(line.slope.value * per(unit), 1),
    line.slope.ci95.map((one) => fixed(one * per(unit), 1)).join('–'),
  ]);
  return rowsOf(['what', 'measurement', 'with', 'fixed, ms', 'each', 'ms', '95 %'], 'lllrlrl', rows);
}

function reasons(cell: CellResult): string {
  const name = Object.entries(cell.values).map(([key, value]) => `${key} ${value}`);
  const told = notPassedOf(cell).map((reason) => `- ${plain(reason)}`);
  return [`${MARKS[cell.verdict]} **${plain(name.join(', '))}**`, '', ...told].join('\n');
}
