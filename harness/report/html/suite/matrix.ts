/** The state of each cell at a glance: one axis across, the others down. */
import type { SuiteCell } from '../../../analysis/suite/result.ts';
import { counted } from '../../numbers.ts';
import { STATE_MARKS } from '../../suite/words.ts';
import { safeText } from '../../text.ts';
import { linkTo } from '../links.ts';
import { type Html, html, NOTHING } from '../markup.ts';
import { LOOKS, type SuiteView } from './page.ts';

const COLUMNS_AT_MOST = 24;
const ROWS_AT_MOST = 200;

/** Null where nothing varies but the scenario, and the table of cells says it all. */
export function matricesOf(view: SuiteView): Html | null {
  const { cells } = view.result;
  const across = axisAcross(cells);
  if (across === null) return null;
  const values = [...new Set(cells.map((cell) => cell.values[across] ?? NONE))];
  const rows = new Map<string, Map<string, SuiteCell>>();
  for (const cell of cells) {
    const { [across]: value = NONE, ...others } = cell.values;
    const name = [cell.scenario, ...Object.entries(others).map(([key, one]) => `${key} ${one}`)].join(', ');
    const row = rows.get(name) ?? new Map<string, SuiteCell>();
    rows.set(name, row.set(value, cell));
  }
  // Where there is no room for all, those come first that somebody must look at.
  const isQuiet = ([, row]: [string, Map<string, SuiteCell>]): boolean =>
    [...row.values()].every(({ state }) => LOOKS[state] === 'pass');
  const all = [...rows];
  const left = all.length - ROWS_AT_MOST;
  const drawn =
    left > 0 ? [...all.filter((row) => !isQuiet(row)), ...all.filter(isQuiet)].slice(0, ROWS_AT_MOST) : all;
  const more =
    left > 0 ? html`<p>and ${counted(left, 'more row')}: all cells stand in the table below</p>` : NOTHING;
  const body = drawn.map(
    ([name, row]) =>
      html`<tr><th scope="row">${safeText(name, 160)}</th>${values.map((value) => stateCell(row.get(value), view))}</tr>\n`,
  );
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Table of states"><table class="states"><caption>${safeText(across, 60)} →</caption><thead><tr><td></td>${values.map((value) => html`<th scope="col">${safeText(value, 60)}</th>`)}</tr></thead><tbody>${body}</tbody></table></div>${more}`;
}

const NONE = '(not said)';

/** The axis with most values of those that a page has room for. */
function axisAcross(cells: readonly SuiteCell[]): string | null {
  const keys = [...new Set(cells.flatMap(({ values }) => Object.keys(values)))];
  const sizes = keys.map((key) => ({ key, size: new Set(cells.map(({ values }) => values[key])).size }));
  const fitting = sizes.filter(({ size }) => size > 1 && size <= COLUMNS_AT_MOST);
  return fitting.toSorted((a, b) => b.size - a.size)[0]?.key ?? null;
}

function stateCell(cell: SuiteCell | undefined, { pageOf }: SuiteView): Html {
  if (cell === undefined) return html`<td class="even">-</td>`;
  const { state, attempts } = cell;
  const last = attempts.at(-1);
  const page = last === undefined ? null : pageOf(cell, last);
  const text = html`<span aria-hidden="true">${STATE_MARKS[state]}</span> ${state}`;
  return html`<td class="${LOOKS[state]}">${page === null ? text : html`<a href="${linkTo(page)}">${text}</a>`}</td>`;
}
