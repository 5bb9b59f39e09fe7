/** Markup in which everything is escaped that is not markup itself. */
import { safeLines, safeText } from '../text.ts';

/** Markup that may stand in the page as it is. Made by `html` and `raw` only. */
export interface Html {
  readonly markup: string;
}

export type Value = Html | string | number | readonly Value[];

/** Longest text of one place; what hosts and servers say is cut there. */
const COLUMNS_AT_MOST = 2_000;

/** Values become text that can neither be markup nor turn the page over; markup made by `html` stays markup. */
export function html(strings: TemplateStringsArray, ...values: Value[]): Html {
  const parts = strings.map((text, index) => (index === 0 ? text : markupOf(values[index - 1] ?? '') + text));
  return { markup: parts.join('') };
}

/** For constants and for what was escaped elsewhere: the page's own script and style, packed columns, JSON. */
export function raw(markup: string): Html {
  return { markup };
}

export const NOTHING: Html = raw('');

/** Text of several lines, for a `<pre>`; it says how many are left out. */
export function preformatted(text: string, columns: number, lines: number): Html {
  return raw(
    safeLines(text, columns, lines)
      .map((line) => escapeMarkup(line))
      .join('\n'),
  );
}

/** JSON for a `<script type="application/json">`, which nothing in it can end. */
export function embeddedJson(value: unknown): Html {
  return raw(JSON.stringify(value).replaceAll('<', '\\u003c'));
}

export function escapeMarkup(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function markupOf(value: Value): string {
  if (typeof value === 'string') return escapeMarkup(safeText(value, COLUMNS_AT_MOST));
  if (typeof value === 'number') return String(value);
  return 'markup' in value ? value.markup : value.map(markupOf).join('');
}
