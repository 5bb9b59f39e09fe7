/** A suite, or what was merged of its shards, as one page: what became of each cell. Pure. */
import type { JudgedAttempt, SuiteCell, SuiteResult } from '../../../analysis/suite/result.ts';
import type { VerdictState } from '../../../model.ts';
import { count, counted } from '../../numbers.ts';
import { MARKS } from '../../style.ts';
import { STATE_MARKS, tally } from '../../suite/words.ts';
import { safeText } from '../../text.ts';
import { framed, type PageAssets } from '../frame.ts';
import { type Html, html, NOTHING } from '../markup.ts';
import { definitions, section, table } from '../parts.ts';
import { cellsTable } from './cells.ts';
import { matricesOf } from './matrix.ts';
import { expectedTable, notPassed } from './told.ts';

/** Cells as this page tells them; each is known by its place among them. */
export interface SuiteView {
  result: SuiteResult;
  /** The page of a run relative to this one, with `/`; null where it has none, or nobody knows where it lies. */
  pageOf: (cell: SuiteCell, attempt: JudgedAttempt) => string | null;
  thaw: string;
}

/** How a state looks; see page.css. */
export const LOOKS: Record<SuiteCell['state'], VerdictState | 'even'> = {
  pass: 'pass',
  expected: 'pass',
  fail: 'fail',
  'unexpected-pass': 'fail',
  flaky: 'unknown',
  unknown: 'unknown',
  skipped: 'even',
  'not-run': 'unknown',
};

export function renderSuitePage(view: SuiteView, assets: PageAssets): string {
  const { result, thaw } = view;
  const sections: (readonly [id: string, title: string, body: Html | null])[] = [
    ['matrix', 'States', matricesOf(view)],
    ['not-passed', 'Not simply passed', notPassed(view)],
    ['expected', 'Expected', expectedTable(result)],
    ['cells', 'Cells', cellsTable(view)],
    ['environments', 'Environments', environments(result)],
  ];
  const shown = sections.flatMap(([id, title, body]) => (body === null ? [] : [{ id, title, body }]));
  return framed(
    {
      title: `${safeText(result.name, 60)}: ${result.verdict} - Thaw`,
      thaw,
      links: shown.map(({ id, title }) => [id, title] as const),
      sections: [headline(result), ...shown.map(({ id, title, body }) => section(id, title, body))],
      footer: html`Made by Thaw ${thaw} of ${counted(result.cells.length, 'cell')}.`,
      data: {},
    },
    assets,
  );
}

function headline({ name, why, cells, planned, shard, repeat, retries, verdict }: SuiteResult): Html {
  const part =
    cells.length === planned.length
      ? counted(cells.length, 'cell')
      : `${count(cells.length)} of ${counted(planned.length, 'cell')}`;
  const which = shard === null ? '' : ` (shard ${shard.index} of ${shard.of})`;
  const states = (Object.keys(STATE_MARKS) as SuiteCell['state'][]).flatMap((state) => {
    const number = cells.filter((cell) => cell.state === state).length;
    if (number === 0) return [];
    return html`<li class="${LOOKS[state]}"><span aria-hidden="true">${STATE_MARKS[state]}</span> ${count(number)} ${state}</li>`;
  });
  const facts: [string, string][] = [
    ['runs of each cell', count(repeat)],
    ['tried again', retries === 0 ? 'not at all' : `at most ${count(retries)} more where it did not pass`],
  ];
  return html`<section aria-labelledby="title" class="first">
<h1 id="title">${safeText(name, 60)}</h1>
<p class="verdict ${verdict}"><strong>${MARKS[verdict]} ${verdict.toUpperCase()}</strong><span>${part}${which}: ${tally(cells) || 'none is for this shard'}</span></p>
<ul class="tally">${states}</ul>
<p>${safeText(why, 400)}</p>
${definitions(facts)}
</section>`;
}

const ENVIRONMENTS_AT_MOST = 100;

/** Each with the number of cells that ran in it. */
function environments({ cells }: SuiteResult): Html | null {
  const counted = new Map<string, number>();
  for (const name of cells.flatMap(({ environment }) => environment))
    counted.set(name, (counted.get(name) ?? 0) + 1);
  if (counted.size === 0) return null;
  const rows = [...counted]
    .slice(0, ENVIRONMENTS_AT_MOST)
    .map(([name, cells]) => [safeText(name, 200), count(cells)]);
  const left = counted.size - rows.length;
  return html`${table(['runtime, CRIU and kernel of a host', 'cells'], rows, 'lr')}${left > 0 ? html`<p>and ${count(left)} more</p>` : NOTHING}`;
}
