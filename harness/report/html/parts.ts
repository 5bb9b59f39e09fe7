/** What sections of every page are made of: a heading with its body, lists and tables. */
import { type Html, html, NOTHING, type Value } from './markup.ts';

export function section(id: string, title: string, body: Html): Html {
  return html`<section aria-labelledby="${id}-title" id="${id}"><h2 id="${id}-title">${title}</h2>${body}</section>`;
}

/** A button that shows a migration in the timeline. */
export function inTimeline(number: number): Html {
  return html`<button type="button" data-migration="${number}" aria-label="Show migration ${number}">show</button>`;
}

export function definitions(facts: readonly [string, string][]): Html {
  return html`<dl class="list">${facts.map(([name, text]) => html`<dt>${name}</dt><dd>${text}</dd>`)}</dl>`;
}

/** A column whose letter in `align` is `r` is a column of numbers. */
export function table(names: readonly string[], rows: readonly Value[][], align = ''): Html {
  const look = (index: number): Html => (align[index] === 'r' ? html` class="r"` : NOTHING);
  const head = names.map((name, index) =>
    name === '' ? html`<td></td>` : html`<th scope="col"${look(index)}>${name}</th>`,
  );
  const body = rows.map(
    (row) => html`<tr>${row.map((cell, index) => html`<td${look(index)}>${cell}</td>`)}</tr>\n`,
  );
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Table"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}
