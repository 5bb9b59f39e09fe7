/** A sweep as one page: its cells, what fails, every migration, and what a number that varies costs. Pure. */
import type { SweepResult } from '../../../analysis/sweep/result.ts';
import type { VerdictState } from '../../../model.ts';
import { count, counted } from '../../numbers.ts';
import { MARKS } from '../../style.ts';
import { safeText } from '../../text.ts';
import { framed, type PageAssets } from '../frame.ts';
import { type Html, html } from '../markup.ts';
import { definitions, section } from '../parts.ts';
import { cellsSection, notPassedSection } from './cells.ts';
import { compatibilitySection } from './compatibility.ts';
import { distributionsSection } from './distributions.ts';
import { recoverySection } from './recovery.ts';
import { scalingSection } from './scaling.ts';
import { axisName } from './words.ts';

export interface SweepView {
  result: SweepResult;
  runs: SweptRun[];
  thaw: string;
}

export interface SweptRun {
  cell: number;
  round: number;
  verdict: VerdictState;
  /** Relative to the page, with `/`; null where the run has none. */
  page: string | null;
}

/** Without a script: all that it shows stands there. */
export function renderSweepPage(view: SweepView, assets: PageAssets): string {
  const { result, thaw } = view;
  const sections: (readonly [id: string, title: string, body: Html | null])[] = [
    ['compatibility', 'Compatibility', compatibilitySection(result)],
    ['cells', 'Cells', cellsSection(view)],
    ['scaling', 'What it costs', scalingSection(result)],
    ['recovery', 'Downtime and recovery', recoverySection(result)],
    ['distributions', 'Distributions', distributionsSection(result)],
    ['not-passed', 'Not passed', notPassedSection(result)],
    ['method', 'Method', method(result)],
  ];
  const shown = sections.flatMap(([id, title, body]) => (body === null ? [] : [{ id, title, body }]));
  return framed(
    {
      title: `${safeText(result.name, 60)}: ${result.verdict} - Thaw`,
      thaw,
      links: shown.map(({ id, title }) => [id, title] as const),
      sections: [headline(result), ...shown.map(({ id, title, body }) => section(id, title, body))],
      footer: html`Made by Thaw ${thaw} from ${counted(result.done, 'run')}.`,
      data: null,
    },
    assets,
  );
}

function headline({ name, why, axes, cells, rounds, planned, done, verdict }: SweepResult): Html {
  const sum = (of: 'migrations' | 'failed'): number => cells.reduce((total, cell) => total + cell[of], 0);
  const said = `${counted(cells.length, 'cell')} × ${counted(rounds, 'round')}, ${count(done)} of ${counted(planned, 'run')}; ${counted(sum('migrations'), 'measured migration')}, ${count(sum('failed'))} failed`;
  const keys = axes.map(({ key }) => key);
  const varied = axes.map(({ key, values }): [string, string] => [
    axisName(key, keys),
    values.map((value) => safeText(value, 60)).join(', '),
  ]);
  return html`<section aria-labelledby="title" class="first">
<h1 id="title">${safeText(name, 60)}</h1>
<p class="verdict ${verdict}"><strong>${MARKS[verdict]} ${verdict.toUpperCase()}</strong><span>${said}</span></p>
<p>${safeText(why, 400)}</p>
${definitions(varied)}
</section>`;
}

function method({ seed }: SweepResult): Html {
  return html`<ul><li>Each round runs every cell once, in an order that the seed ${seed} draws.</li>
<li>Medians over all measured migrations of a cell, with bootstrap 95 % intervals (from 6 on). Warm-ups are left out, failed migrations counted.</li>
<li>Lines: least squares through all values. Their intervals and bands: of 1,000 lines through values drawn anew within each cell, the middle 95 % (of bands at each place by itself).</li></ul>`;
}
