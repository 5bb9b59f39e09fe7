/** All runs of a folder as one page: newest first, to be filtered; trends of each cell. Pure. */
import { verdictOf } from '../../../analysis/checks.ts';
import { type HistoryRun, historyRunOf, runIdOf } from '../../../analysis/trend/history-run.ts';
import type { RunRecord } from '../../../model.ts';
import { count } from '../../numbers.ts';
import { MARKS } from '../../style.ts';
import { safeText } from '../../text.ts';
import { framed, type PageAssets } from '../frame.ts';
import { type Html, html, NOTHING } from '../markup.ts';
import { section, table } from '../parts.ts';
import { runsSection } from './runs.ts';
import { trendsSection } from './trends.ts';

/** A run directory that could be read. */
export interface IndexedRun extends HistoryRun {
  outcome: RunRecord['outcome'];
  /** Relative to the page, with `/`. */
  directory: string;
  /** The run's own page, in the same way; null where it has none. */
  page: string | null;
  /** That of the sweep or suite that it is part of; null where there is none. */
  partOf: string | null;
}

/** A directory that looks like one and could not. */
export interface UnreadableRun {
  directory: string;
  why: string;
}

export interface RunIndex {
  /** The folder, as the user would write it. */
  folder: string;
  thaw: string;
  runs: IndexedRun[];
  unreadable: UnreadableRun[];
}

/** What an index keeps of a record, which is much larger. */
export function indexedRun(
  record: RunRecord,
  where: Pick<IndexedRun, 'directory' | 'page' | 'partOf'>,
): IndexedRun {
  const { outcome } = record;
  return { ...historyRunOf(record, runIdOf(record)), verdict: verdictOf(record), outcome, ...where };
}

export function renderIndex({ folder, thaw, runs, unreadable }: RunIndex, assets: PageAssets): string {
  const newestFirst = runs.toSorted(
    (a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt) || (a.directory < b.directory ? -1 : 1),
  );
  return framed(
    {
      title: `Runs in ${safeText(folder, 60)} - Thaw`,
      thaw,
      links: [
        ['runs', 'Runs'],
        ['trends', 'Trends'],
        ...(unreadable.length === 0 ? [] : [['unreadable', 'Unreadable'] as const]),
      ],
      sections: [
        headline(folder, newestFirst, unreadable),
        runsSection(newestFirst),
        trendsSection(newestFirst.toReversed()),
        unreadableSection(unreadable),
      ],
      footer: html`Made by Thaw ${thaw} from ${count(runs.length + unreadable.length)} directories.`,
      data: {},
    },
    assets,
  );
}

function headline(folder: string, runs: readonly IndexedRun[], unreadable: readonly UnreadableRun[]): Html {
  const tally = (['pass', 'fail', 'unknown'] as const).map((state) => {
    const number = runs.filter(({ verdict }) => verdict === state).length;
    return html`<li class="${state}"><span aria-hidden="true">${MARKS[state]}</span> ${count(number)} ${state}</li>`;
  });
  const broken =
    unreadable.length === 0
      ? NOTHING
      : html`<li class="fail"><a href="#unreadable">${count(unreadable.length)} unreadable</a></li>`;
  return html`<section aria-labelledby="title" class="first">
<h1 id="title">Runs in ${safeText(folder, 200)}</h1>
<ul class="tally"><li>${count(runs.length)} ${runs.length === 1 ? 'run' : 'runs'}</li>${tally}${broken}</ul>
</section>`;
}

function unreadableSection(unreadable: readonly UnreadableRun[]): Html {
  if (unreadable.length === 0) return NOTHING;
  const rows = unreadable.map(({ directory, why }) => [
    html`<code>${safeText(directory, 200)}</code>`,
    safeText(why, 600),
  ]);
  const note = html`<p class="note">Directories at the place of a run that are none, or are damaged. Nothing of them is in the figures above.</p>`;
  return section('unreadable', 'Unreadable', html`${note}${table(['directory', 'why'], rows)}`);
}
