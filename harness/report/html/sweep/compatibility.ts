/** Source × destination: what works, what fails with which cause, and what nobody knows. */
import type { Compatibility, Pair } from '../../../analysis/sweep/compatibility.ts';
import type { SweepResult } from '../../../analysis/sweep/result.ts';
import { count, counted } from '../../numbers.ts';
import { PAIR_LOOKS, REASONS_AT_MOST, reasonsOf } from '../../sweep/words.ts';
import { safeText } from '../../text.ts';
import { type Html, html, NOTHING } from '../markup.ts';
import { valuesText } from './words.ts';

/** Null where no toolchain of a single host varies. */
export function compatibilitySection({ compatibility, versions }: SweepResult): Html | null {
  if (compatibility.length === 0) return null;
  return html`<p class="note">A row: where it was dumped. A column: where it was restored. <em>Works</em>: every migration of it completed.</p>
${compatibility.map((one) => matrix(one, versions))}`;
}

function matrix(
  { where, sources, destinations, pairs }: Compatibility,
  versions: SweepResult['versions'],
): Html {
  const name = (toolchain: string): Html =>
    html`${safeText(toolchain, 80)}${(versions[toolchain] ?? []).map((one) => html`<br><small>${safeText(one, 80)}</small>`)}`;
  const caption =
    Object.keys(where).length === 0
      ? 'source ↓, destination →'
      : `${valuesText(where)}: source ↓, destination →`;
  const rows = sources.map(
    (source) =>
      html`<tr><th scope="row">${name(source)}</th>${destinations.map((destination) => {
        const pair = pairs.find((one) => one.source === source && one.destination === destination);
        return pair === undefined
          ? html`<td class="unknown">? <strong>unknown</strong><br><small>not asked for</small></td>`
          : cell(pair);
      })}</tr>\n`,
  );
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Table of compatibility"><table class="matrix"><caption>${caption}</caption><thead><tr><td></td>${destinations.map((one) => html`<th scope="col">${name(one)}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

function cell(pair: Pair): Html {
  const { state, migrations, failed } = pair;
  const [look, mark] = PAIR_LOOKS[state];
  const number =
    migrations === 0
      ? NOTHING
      : html` <small>${count(migrations - failed)} of ${count(migrations)} completed</small>`;
  const said = reasonsOf(pair);
  const left = said.length - REASONS_AT_MOST;
  const reasons = said
    .slice(0, REASONS_AT_MOST)
    .map((reason) => html`<br><small>${safeText(reason, 300)}</small>`);
  return html`<td><span class="${look}"><span aria-hidden="true">${mark}</span> <strong>${state}</strong></span>${number}${reasons}${left > 0 ? html`<br><small>and ${counted(left, 'more reason')}</small>` : NOTHING}</td>`;
}
