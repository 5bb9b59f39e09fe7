/** What did not simply pass, with its reasons and tries; and what is known to fail. */
import type { SuiteCell, SuiteResult } from '../../../analysis/suite/result.ts';
import { count } from '../../numbers.ts';
import { reasonsOf, STATE_MARKS } from '../../suite/words.ts';
import { safeText } from '../../text.ts';
import { type Html, html, NOTHING } from '../markup.ts';
import { table } from '../parts.ts';
import { tries } from './cells.ts';
import { LOOKS, type SuiteView } from './page.ts';

const CELLS_AT_MOST = 100;
const REASONS_AT_MOST = 6;
/** Those first that somebody must look at. */
const ORDER: readonly SuiteCell['state'][] = [
  'fail',
  'unexpected-pass',
  'flaky',
  'unknown',
  'not-run',
  'skipped',
];

/** Null where all passed, or failed as expected. */
export function notPassed(view: SuiteView): Html | null {
  const all = ORDER.flatMap((state) => view.result.cells.filter((cell) => cell.state === state));
  if (all.length === 0) return null;
  const left = all.length - CELLS_AT_MOST;
  return html`${all.slice(0, CELLS_AT_MOST).map((cell) => card(cell, view))}${left > 0 ? html`<p>and ${count(left)} more: filter the table below by state</p>` : NOTHING}`;
}

function card(cell: SuiteCell, view: SuiteView): Html {
  const { id, state, expect } = cell;
  const reasons = reasonsOf(cell);
  const left = reasons.length - REASONS_AT_MOST;
  return html`<article class="card"><h3><span class="${LOOKS[state]}"><span aria-hidden="true">${STATE_MARKS[state]}</span> ${state}</span>: ${safeText(id, 200)}</h3>
<ul>${reasons.slice(0, REASONS_AT_MOST).map((reason) => html`<li>${safeText(reason, 400)}</li>`)}${left > 0 ? html`<li>and ${left} more</li>` : NOTHING}</ul>
<p class="note">Tries: ${tries(cell, view)}${expect === null ? NOTHING : link(expect.link)}</p></article>`;
}

/** Null where nothing is expected but that all pass. */
export function expectedTable({ cells }: SuiteResult): Html | null {
  const known = cells.filter(({ expect }) => expect !== null);
  if (known.length === 0) return null;
  const rows = known
    .slice(0, CELLS_AT_MOST)
    .map(({ id, expect, state }) => [
      safeText(id, 200),
      expect?.kind === 'fail'
        ? `fails by ${safeText(expect.failure, 60)} until ${safeText(expect.until, 20)}`
        : 'skipped',
      html`<span class="${LOOKS[state]}"><span aria-hidden="true">${STATE_MARKS[state]}</span> ${state}</span>`,
      html`${safeText(expect?.why ?? '', 300)}${link(expect?.link ?? null)}`,
    ]);
  const left = known.length - rows.length;
  return html`${table(['cell', 'expected', 'state', 'why'], rows)}${left > 0 ? html`<p>and ${count(left)} more</p>` : NOTHING}`;
}

/** Followed by who clicks it; anything but a web address is only text. */
function link(address: string | null): Html {
  if (address === null) return NOTHING;
  const text = safeText(address, 300);
  return /^https?:\/\/[!-~]+$/.test(address) && address.length <= 300
    ? html` <a href="${address}" rel="noreferrer">${text}</a>`
    : html` ${text}`;
}
