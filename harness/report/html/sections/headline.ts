/** The first screen: the verdict, the three numbers, and what moves between which hosts. */

import { verdictOf } from '../../../analysis/checks.ts';
import type { HostFacts, RunRecord } from '../../../model.ts';
import { runtimeText } from '../../../runtime/commands.ts';
import { findDistribution, reasonsOf } from '../../measurements.ts';
import { meaning, NUMBER_COLUMNS, planOf, sentence, theThreeNumbers } from '../../sections/headline.ts';
import { MARKS } from '../../style.ts';
import { safeText } from '../../text.ts';
import { type Html, html, NOTHING } from '../markup.ts';

const NAME_AT_MOST = 60;

export function headlineSection(record: RunRecord, goesOn = false): Html {
  const state = verdictOf(record);
  const { scenario, startedAt, thaw } = record.head;
  return html`<section aria-labelledby="title" class="first">
<h1 id="title">${safeText(scenario.name, NAME_AT_MOST)}</h1>
<p class="verdict ${state}"><strong>${MARKS[state]} ${goesOn ? 'GOES ON' : state.toUpperCase()}</strong><span>${sentence(record, goesOn)}</span></p>
<div class="numbers">${theThreeNumbers(record).map((row) => numberCard(record, row))}</div>
${plan(record)}
<p class="note">Begun ${safeText(startedAt, 40)}, Thaw ${safeText(thaw, 20)}.<br>${safeText(scenario.why, 400)}</p>
</section>`;
}

/** One of the three numbers; what its columns mean stands in front of each. */
function numberCard(record: RunRecord, row: string[]): Html {
  const [label = '', median = '', ...rest] = row;
  const what = meaning(record).find(([name]) => name === label)?.[1] ?? '';
  const known = rest.length > 1;
  const facts = known
    ? rest.map((text, index) => html`<dt>${NUMBER_COLUMNS[index + 2] ?? ''}</dt><dd>${text || '-'}</dd>`)
    : [];
  const reasons = known ? [] : reasonsOf(findDistribution(record, label)?.unknown ?? []);
  return html`<article class="number"><h2>${label}</h2>
<p class="figure">${median}${known ? html` <small>median</small>` : NOTHING}</p>
<dl>${facts}</dl>${known ? NOTHING : html`<p>${rest[0] ?? ''}</p>`}${reasons.map((why) => html`<p>${why}</p>`)}
<p class="note">${what}</p></article>`;
}

function plan(record: RunRecord): Html {
  const { head } = record;
  const { asks, place, moves } = planOf(record);
  return html`<div class="plan" role="group" aria-label="What moves between which hosts">
<div class="place"><h3>client</h3><p>${asks}</p></div>
<div class="arrow" aria-hidden="true">→</div>
<div class="place"><h3>${safeText(head.scenario.service.name, 40)}</h3><p>${place}<br>${moves}</p></div>
<div class="arrow" aria-hidden="true">⇄</div>
${head.hosts.length === 0 ? html`<div class="place"><h3>hosts</h3><p>unknown (none was brought up)</p></div>` : head.hosts.map((host, index) => hostCard(host, index))}
</div>`;
}

function hostCard(host: HostFacts, index: number): Html {
  return html`<div class="place host"><h3><span class="key h${index % HOST_COLOURS}" aria-hidden="true"></span>${safeText(host.name, 40)}</h3>
<p>${safeText(runtimeText(host.toolchain), 40)}, CRIU ${safeText(host.toolchain.criu, 40)}<br>Linux ${safeText(host.kernel, 40)}, ${safeText(host.distribution, 60)}</p></div>`;
}

/** Hosts that have a colour of their own; see page.css. */
export const HOST_COLOURS = 6;
