/** All cells as a table, to be filtered. */
import type { SuiteCell } from '../../../analysis/suite/result.ts';
import { count, counted } from '../../numbers.ts';
import { completedOf, medianOf, STATE_MARKS } from '../../suite/words.ts';
import { safeText } from '../../text.ts';
import { linkTo } from '../links.ts';
import { type Html, html, NOTHING } from '../markup.ts';
import { LOOKS, type SuiteView } from './page.ts';

/** Rows that are shown at once; the script shows more. */
const ROWS_AT_FIRST = 300;

export function cellsTable(view: SuiteView): Html {
  const { cells } = view.result;
  if (cells.length === 0) return html`<p>no cell is for this shard</p>`;
  const keys = [...new Set(cells.flatMap(({ values }) => Object.keys(values)))];
  const filters: Filter[] = [
    { id: 'state', name: 'state', of: ({ state }) => state },
    { id: 'scenario', name: 'scenario', of: ({ scenario }) => scenario },
    ...keys.map((key, i) => ({
      id: `axis${i}`,
      name: key,
      of: ({ values }: SuiteCell) => values[key] ?? '',
    })),
  ];
  const places = filters.map(({ of }) => new Map([...new Set(cells.map(of))].map((value, i) => [value, i])));
  const choices = filters.map(({ id, name }, i) => choice(id, name, [...(places[i]?.keys() ?? [])]));
  const heads = ['cell', 'state', 'frozen window, ms', 'downtime, ms', 'migrations', 'tries', 'why'];
  const rows = cells.map((cell, index) => {
    const data = filters.map(({ id, of }, i) => html` data-${id}="${places[i]?.get(of(cell)) ?? ''}"`);
    return row(cell, view, html`${data}${index < ROWS_AT_FIRST ? NOTHING : html` hidden`}`);
  });
  const shown = Math.min(ROWS_AT_FIRST, cells.length);
  return html`<div class="controls" role="search" aria-label="Filter the cells">
${choices}<label>name has <input type="search" data-filter-text></label>
<button type="button" id="filter-none">show all</button></div>
<p class="note"><span id="shown" role="status">${count(cells.length)} of ${counted(cells.length, 'cell')}</span></p>
<div class="scroll" tabindex="0" role="group" aria-label="Table of cells"><table id="run-table" data-filtered="cells" data-rows="${ROWS_AT_FIRST}"><thead><tr>${heads.map((name, i) => html`<th scope="col"${i > 1 && i < 5 ? html` class="r"` : NOTHING}>${name}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>
<p><button type="button" id="show-more"${shown === cells.length ? html` hidden` : NOTHING}>show ${count(ROWS_AT_FIRST)} more</button></p>
<p class="note">Medians with their 95 % intervals, of the last try of each run. Migrations: completed of measured.</p>`;
}

interface Filter {
  id: string;
  name: string;
  of: (cell: SuiteCell) => string;
}

/** Its values are places in the list, so that no name is compared with what a browser made of it. */
function choice(id: string, name: string, values: readonly string[]): Html {
  const options = values.map((value, i) => html`<option value="${i}">${safeText(value, 80)}</option>`);
  return html`<label>${safeText(name, 60)} <select data-filter="${id}"><option value="">all</option>${options}</select></label>
`;
}

function row(cell: SuiteCell, view: SuiteView, attributes: Html): Html {
  const { id, state, because } = cell;
  const figure = (name: string): Html => {
    const { median, interval } = medianOf(cell, name);
    return html`<td class="r">${median || html`<span class="note">unknown</span>`}${interval === '' ? NOTHING : html`<br><small>${interval}</small>`}</td>`;
  };
  return html`<tr${attributes}><th scope="row">${safeText(id, 200)}</th><td class="${LOOKS[state]}"><span aria-hidden="true">${STATE_MARKS[state]}</span> ${state}</td>${figure('frozen-window')}${figure('downtime')}<td class="r">${completedOf(cell)}</td><td>${tries(cell, view)}</td><td>${safeText(because, 200)}</td></tr>
`;
}

const TRIES_AT_MOST = 20;

/** Each by its number and mark, with a link where its page is known. */
export function tries(cell: SuiteCell, { pageOf }: SuiteView): Html {
  const { attempts, id } = cell;
  if (attempts.length === 0) return html`<span class="note">none</span>`;
  const left = attempts.length - TRIES_AT_MOST;
  return html`${attempts.slice(0, TRIES_AT_MOST).map((attempt, i) => {
    const page = pageOf(cell, attempt);
    const text = `${i + 1} ${STATE_MARKS[attempt.verdict]}`;
    if (page === null) return html`<span class="${attempt.verdict}">${text}</span> `;
    return html`<a href="${linkTo(page)}" aria-label="Try ${i + 1} of ${safeText(id, 120)}: ${attempt.verdict}">${text}</a> `;
  })}${left > 0 ? html`and ${left} more` : NOTHING}`;
}
