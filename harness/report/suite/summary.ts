/** A suite for a terminal; pure: the same result gives the same text. */
import type { CellState, SuiteCell, SuiteResult } from '../../analysis/suite/result.ts';
import { counted } from '../numbers.ts';
import { heading, inVerdictColour, paintOf, type Style } from '../style.ts';
import { hang, headlined, safeText, table } from '../text.ts';
import { completedOf, medianOf, reasonsOf, STATE_MARKS, tally } from './words.ts';

/** `where`: the directory or file of the result, as the user would write it. */
export function renderSuite(result: SuiteResult, style: Style & { where: string }): string {
  const sections = [
    headline(result, style),
    cellsSection(result, style),
    told(result, style),
    ['Result', `  ${style.where}`, `  next: thaw report ${style.where}`, '        shows this again'],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function headline({ name, cells, planned, shard, repeat, verdict }: SuiteResult, style: Style): string[] {
  const part =
    cells.length === planned.length
      ? counted(cells.length, 'cell')
      : `${cells.length} of ${counted(planned.length, 'cell')}`;
  const which = shard === null ? '' : ` (shard ${shard.index} of ${shard.of})`;
  const runs = repeat === 1 ? '' : ` × ${repeat} runs`;
  const text = `${safeText(name, 60)}: ${part}${which}${runs}: ${tally(cells)}`;
  const paint = paintOf(style);
  const dress = (word: string): string => inVerdictColour(paint, verdict, paint.bold(word));
  return headlined(verdict.toUpperCase(), text, style.width, dress);
}

const TIMES = 'medians in ms with bootstrap 95 % intervals (from 6 on); n: migrations that completed';

function cellsSection({ cells }: SuiteResult, style: Style): string[] {
  if (cells.length === 0) return ['  no cell is for this shard'];
  const header = ['', 'cell', 'frozen window', '', 'downtime', '', 'n', ''];
  // Values stand on a line of their own where the table would not fit.
  const rows = cells.map((cell) => {
    const [frozen, downtime] = [medianOf(cell, 'frozen-window'), medianOf(cell, 'downtime')];
    return [
      STATE_MARKS[cell.state],
      numberOf(cells, cell),
      frozen.median,
      frozen.interval,
      downtime.median,
      downtime.interval,
      completedOf(cell),
      cell.state,
    ];
  });
  const [head = '', ...lines] = table([header, ...rows], 'llrlrlrl', style.width);
  return [
    heading(style, 'Cells', TIMES),
    paintOf(style).dim(head),
    ...lines.flatMap((line, i) => [line, ...nameLines(cells[i] as SuiteCell, style)]),
  ];
}

function numberOf(cells: readonly SuiteCell[], cell: SuiteCell): string {
  return String(cells.indexOf(cell) + 1);
}

function nameLines({ scenario, values }: SuiteCell, style: Style): string[] {
  const all = Object.entries(values).map(([key, value]) => `${key} ${value}`);
  return hang('      ', safeText([scenario, ...all].join(', '), 300), style.width);
}

const QUIET: readonly CellState[] = ['pass'];

/** Each cell that did not simply pass, with its reasons. */
function told({ cells }: SuiteResult, style: Style): string[] {
  const all = cells.filter(({ state }) => !QUIET.includes(state));
  if (all.length === 0) return [];
  return [
    heading(style, 'Not simply passed'),
    ...all.flatMap((cell) => [
      ...hang(`  ${STATE_MARKS[cell.state]} `, safeText(cell.id, 300), style.width),
      ...reasonsOf(cell)
        .slice(0, 5)
        .flatMap((reason) => hang('      ', safeText(reason, 300), style.width)),
      ...(cell.expect?.link == null ? [] : [`      ${safeText(cell.expect.link, style.width - 6)}`]),
    ]),
  ];
}
