/** A suite as Markdown of GitHub's kind, for a job's summary: at most 1 MiB, which is what one may have. */
import type { SuiteCell, SuiteResult } from '../../analysis/suite/result.ts';
import { counted } from '../numbers.ts';
import { completedOf, medianOf, reasonsOf, STATE_MARKS, tally } from '../suite/words.ts';
import { leftOut, plain } from './markdown-text.ts';

const ROWS_AT_MOST = 1_000;
const REASONS_AT_MOST = 200;

export function suiteMarkdown({ name, cells, verdict }: SuiteResult): string {
  const notPassed = cells.filter(({ state }) => state !== 'pass');
  const parts = [
    `**${verdict}**: ${plain(name)}: ${counted(cells.length, 'cell')}: ${plain(tally(cells))}`,
    [
      '| | cell | frozen window, ms | 95 % | downtime, ms | 95 % | completed | |',
      '|-|-|-:|-|-:|-|-:|-|',
      ...cells.slice(0, ROWS_AT_MOST).map(rowOf),
    ].join('\n'),
    ...leftOut(cells.length - ROWS_AT_MOST, 'cells'),
    ...notPassed.slice(0, REASONS_AT_MOST).map(reasons),
    ...leftOut(notPassed.length - REASONS_AT_MOST, 'cells that did not pass'),
  ];
  return `${parts.join('\n\n')}\n`;
}

function rowOf(cell: SuiteCell): string {
  const [frozen, downtime] = [medianOf(cell, 'frozen-window'), medianOf(cell, 'downtime')];
  const columns = [
    STATE_MARKS[cell.state],
    cell.id,
    frozen.median,
    frozen.interval,
    downtime.median,
    downtime.interval,
    completedOf(cell),
    cell.state,
  ];
  return `| ${columns.map(plain).join(' | ')} |`;
}

function reasons(cell: SuiteCell): string {
  const told = reasonsOf(cell)
    .slice(0, 5)
    .map((reason) => `- ${plain(reason)}`);
  return [`${STATE_MARKS[cell.state]} **${plain(cell.id)}**`, '', ...told].join('\n');
}
