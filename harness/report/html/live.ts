/** The page of a run that goes on, and what is told to it later. Pure; `client/live.js` reads it. */
import type { RunRecord } from '../../model.ts';
import { safeText } from '../text.ts';
import type { PackedSamples } from './columns.ts';
import type { Excerpts } from './excerpts.ts';
import { framed, type PageAssets, policyOf } from './frame.ts';
import { html } from './markup.ts';
import { pageOf } from './page.ts';
import { lanesOf } from './sections/timeline.ts';

export interface LivePage {
  markup: string;
  /** What the browser must be told with it, too. */
  policy: string;
}

export interface Standing {
  goesOn: boolean;
  /** The last of the news that the page has already. */
  after: string;
  /** Of the logs of failed migrations. */
  excerpts: Excerpts;
}

/** The same page as that of a run that has ended; while it goes on, it says so. */
export function renderLivePage(
  record: RunRecord,
  samples: PackedSamples,
  { goesOn, after, excerpts }: Standing,
  assets: PageAssets,
): LivePage {
  const page = pageOf(record, samples, { goesOn, excerpts });
  const live = { ...page, live: true, data: { ...page.data, live: { after } } };
  return { markup: framed(live, assets), policy: policyOf(live, assets) };
}

/** Before there is a run directory. */
export function renderWaitingPage(thaw: string, after: string, assets: PageAssets): LivePage {
  const page = {
    title: 'Not begun yet - Thaw',
    thaw,
    links: [],
    sections: [
      html`<section class="first"><h1>Not begun yet</h1><p>The run is being prepared. This page becomes its report.</p></section>`,
    ],
    footer: html`Made by Thaw ${thaw}.`,
    live: true,
    data: { live: { after } },
  };
  return { markup: framed(page, assets), policy: policyOf(page, assets) };
}

/** Samples that came since: their columns, and the rows of the timeline as they are now. */
export function samplesNews(path: readonly string[], samples: PackedSamples): object {
  return { ...samples, ...lanesOf(path, samples) };
}

/** The page for one that has the samples already. */
export function pageNews(
  record: RunRecord,
  { entries, requests, outcomes }: Omit<PackedSamples, 'columns'>,
  { goesOn, excerpts }: Omit<Standing, 'after'>,
  assets: PageAssets,
): string {
  const columns = { due: '', latency: '', late: '', outcome: '', weight: '' };
  const samples = { entries, requests, outcomes, columns };
  return renderLivePage(record, samples, { goesOn, excerpts, after: '' }, assets).markup;
}

/** What happens now, harmless. */
export function nowNews(text: string): string {
  return `Live: ${safeText(text, 200)}`;
}
