/** Runs against runs as one page: the verdict, what changed by how much, and every migration. Pure. */
import type { Cell, Comparison } from '../../../analysis/compare/comparison.ts';
import { pairUp, type Runs } from '../../../analysis/compare/pairs.ts';
import { percent, percentInterval, sentence, VERDICT_MARKS } from '../../comparison/words.ts';
import { labelOf } from '../../measurements.ts';
import { count, counted } from '../../numbers.ts';
import { safeText } from '../../text.ts';
import { framed, type PageAssets } from '../frame.ts';
import { type Html, html, NOTHING } from '../markup.ts';
import { section, table } from '../parts.ts';
import { cellSection } from './cell.ts';
import { changeWords, groupTexts, LOOKS } from './words.ts';

export interface Compared extends Runs {
  comparison: Comparison;
  thaw: string;
}

const LINKS_AT_MOST = 8;

/** Without a script: all that it shows stands there. */
export function renderComparisonPage(compared: Compared, assets: PageAssets): string {
  const { comparison, thaw } = compared;
  const { cells, verdict } = comparison;
  const pairs = pairUp(compared);
  const names = cells.map(({ scenario }, i) => [`cell-${i + 1}`, safeText(scenario, 40)] as const);
  return framed(
    {
      title: `${names.length === 1 ? `${names[0]?.[1]}: ` : ''}${verdict} - Thaw`,
      thaw,
      links: [
        ...(cells.length > 1 ? [['scenarios', 'Scenarios'] as const] : []),
        ...names.slice(0, LINKS_AT_MOST),
        ['method', 'Method'],
      ],
      sections: [
        headline(comparison),
        scenariosSection(comparison),
        ...cells.map((cell, i) =>
          cellSection(cell, pairs[i] ?? NO_RUNS, { comparison, id: `cell-${i + 1}` }),
        ),
        methodSection(comparison),
      ],
      footer: html`Made by Thaw ${thaw} of ${counted(compared.base.length, 'run')} of the base and ${count(compared.candidate.length)} of the candidate.`,
      data: null,
    },
    assets,
  );
}

const NO_RUNS: Runs = { base: [], candidate: [] };

function headline(comparison: Comparison): Html {
  const { verdict, cells } = comparison;
  const [only] = cells;
  const cards = cells.length === 1 && only !== undefined ? only.measurements.slice(0, 3).map(card) : [];
  return html`<section aria-labelledby="title" class="first">
<h1 id="title">Candidate against base</h1>
<p class="verdict ${LOOKS[verdict]}"><strong>${VERDICT_MARKS[verdict]} ${verdict.toUpperCase()}</strong><span>${sentence(comparison)}</span></p>
${flagged(cells)}${cards.length === 0 ? NOTHING : html`<div class="numbers">${cards}</div>`}
</section>`;
}

function card(one: Cell['measurements'][number]): Html {
  const { measurement, change, verdict } = one;
  const { base, candidate } = groupTexts(one);
  return html`<article class="number"><h2>${labelOf(measurement)}</h2>
<p class="figure ${LOOKS[verdict]}">${changeWords(one)}</p>
<dl><dt>95 %</dt><dd>${percentInterval(change) || '-'}</dd><dt>base</dt><dd>${base.median}</dd><dt>candidate</dt><dd>${candidate.median}</dd></dl>
<p class="${LOOKS[verdict]}"><span aria-hidden="true">${VERDICT_MARKS[verdict]}</span> ${verdict}</p></article>`;
}

/** What was compared although it differs is told before every figure. */
function flagged(cells: readonly Cell[]): Html {
  const apart = cells.flatMap(({ scenario, differences }, i) =>
    differences.length === 0
      ? []
      : [
          html`<a href="#differences-${i + 1}">${safeText(scenario, 60)}: ${differences.length} differences</a> `,
        ],
  );
  if (apart.length === 0) return NOTHING;
  return html`<p class="verdict unknown"><strong>! DIFFERENT ENVIRONMENTS</strong><span>compared all the same: ${apart}</span></p>`;
}

function scenariosSection({ cells }: Comparison): Html {
  if (cells.length < 2) return NOTHING;
  const rows = cells.map(({ scenario, verdict, measurements, failures }, i) => [
    html`<a href="#cell-${i + 1}">${safeText(scenario, 80)}</a>`,
    html`<span class="${LOOKS[verdict]}"><span aria-hidden="true">${VERDICT_MARKS[verdict]}</span> ${verdict}</span>`,
    ...FIGURES.map((name) => {
      const found = measurements.find(({ measurement }) => measurement === name);
      return found === undefined
        ? '-'
        : html`<span class="${LOOKS[found.verdict]}">${changeWords(found)}</span>`;
    }),
    `${count(failures.base.failed)} → ${count(failures.candidate.failed)}`,
  ]);
  const names = ['scenario', 'verdict', ...FIGURES.map(labelOf), 'failed migrations'];
  return section('scenarios', 'Scenarios', table(names, rows, 'llrrrr'));
}

const FIGURES = ['frozen-window', 'downtime', 'lost'];

function methodSection({ alpha, threshold, comparisons, seed }: Comparison): Html {
  const least = percent(threshold).replace('+', '');
  return section(
    'method',
    'Method',
    html`<ul><li>Change: the median of the ratios of all pairs of a value of the candidate and one of the base, with the 95 % interval that inverts the test; where values can be 0, the ratio of means.</li>
<li>A difference is called where it is significant (Mann and Whitney’s test, of failures Fisher’s; p below ${alpha} after Holm over ${count(comparisons)} comparisons), larger than ${least}, and larger than runs of one side differ by.</li>
<li>Medians with bootstrap 95 % intervals (from 6 on), seed ${seed}. Warm-ups are left out, failed migrations counted.</li></ul>`,
  );
}
