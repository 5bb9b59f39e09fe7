/** Small multiples: what each cell measured, run after run. */
import type { HistoryRun } from '../../../analysis/trend/history-run.ts';
import type { Point } from '../../../analysis/trend/model.ts';
import { type Draft, seriesOf } from '../../../analysis/trend/series.ts';
import { labelOf } from '../../measurements.ts';
import { count, counted, fixed, formatOf } from '../../numbers.ts';
import { safeText } from '../../text.ts';
import { minute } from '../../trend/words.ts';
import { type Html, html, NOTHING, raw } from '../markup.ts';
import { section } from '../parts.ts';
import { at } from '../svg.ts';
import { scenarioOf } from './runs.ts';

const MEASUREMENTS = ['frozen-window', 'downtime', 'lost'];
const CELLS_AT_MOST = 100;

/** In the order of time. Runs of one cell have scenario, values, toolchain and environment in common. */
export function trendsSection(runs: readonly HistoryRun[]): Html {
  const cells = cellsOf(runs);
  const several = cells.filter(({ length }) => length > 1);
  const single = cells.length - several.length;
  const left = several.length - CELLS_AT_MOST;
  const notes = [
    ...(single === 0
      ? []
      : [`${count(single)} ${single === 1 ? 'cell has' : 'cells have'} one run, and no trend`]),
    ...(left > 0 ? [`${count(left)} more cells, with fewer runs, are not drawn`] : []),
  ];
  const drawn = several.toSorted((a, b) => b.length - a.length).slice(0, CELLS_AT_MOST);
  return section(
    'trends',
    'Trends',
    html`<p class="note">A cell: runs of one scenario with the same settings, toolchain and environment, the oldest on the left. A dot is the median of a run, its bar the 95 % interval; a gap is a run that did not measure it. Whether a change is one, <code>thaw trend</code> tells.</p>
${notes.map((note) => html`<p class="note">${note}.</p>`)}${drawn.map(cellTrend)}`,
  );
}

function cellsOf(runs: readonly HistoryRun[]): HistoryRun[][] {
  const cells = new Map<string, HistoryRun[]>();
  for (const run of runs) {
    const { scenario, cell, toolchain, environment } = run;
    const key = JSON.stringify([scenario, Object.entries(cell).sort(), toolchain, environment]);
    const others = cells.get(key);
    if (others === undefined) cells.set(key, [run]);
    else others.push(run);
  }
  return [...cells.values()];
}

function cellTrend(runs: readonly HistoryRun[]): Html {
  const [first] = runs as [HistoryRun];
  const series = seriesOf(runs, MEASUREMENTS);
  const about = `toolchain ${safeText(first.toolchain, 60)}, environment ${safeText(first.environment, 12)}; ${counted(runs.length, 'run')}`;
  return html`<article class="trend"><h3>${scenarioOf(first)}</h3><p class="note">${about}</p><div class="cards">${series.map((one) => small(one, runs))}</div></article>
`;
}

const WIDTH = 300;
const HEIGHT = 84;
const MARGIN = 7;

function small(series: Draft, runs: readonly HistoryRun[]): Html {
  const { measurement, known } = series;
  const title = measurement === 'failed' ? 'failed migrations' : labelOf(measurement);
  if (known.length === 0)
    return html`<figure><figcaption>${title}</figcaption><p>unknown in every run</p></figure>`;
  const values = known.map(({ value }) => value);
  const text = textOf(series, Math.max(...values));
  const last = known.at(-1) as Draft['known'][number];
  const says = `${title}: ${known.length} of ${runs.length} runs, from ${text(Math.min(...values))} to ${text(Math.max(...values))}, last ${text(last.value)}`;
  return html`<figure><figcaption>${title} <small>last ${text(last.value)}</small></figcaption>
<svg class="small" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${says}">${drawing(series, runs, text)}</svg>
<p class="ends"><span>${minute(runs[0]?.startedAt ?? '')}</span><span>${minute(runs.at(-1)?.startedAt ?? '')}</span></p></figure>`;
}

function textOf({ unit }: Draft, most: number): (value: number) => string {
  if (unit === 'share') return (value) => `${fixed(value * 100, 1)} %`;
  const format = formatOf({ unit, max: most, uncertainty: null });
  return (value) => `${format.value(value)} ${format.unit}`.trim();
}

/** From 0, so that a small change looks small. */
function drawing({ points }: Draft, runs: readonly HistoryRun[], text: (value: number) => string): Html {
  const most = Math.max(...points.flatMap(({ median, medianCi95 }) => [median ?? 0, medianCi95?.[1] ?? 0]));
  const x = (i: number): number => MARGIN + (i / Math.max(1, points.length - 1)) * (WIDTH - 2 * MARGIN);
  const y = (value: number): number =>
    HEIGHT - MARGIN - (most > 0 ? value / most : 0) * (HEIGHT - 2 * MARGIN - 8);
  const bars = points.map(({ medianCi95: ci }, i) =>
    ci === null ? '' : `M${at(x(i))} ${at(y(ci[0]))}V${at(y(ci[1]))}`,
  );
  const dots = points.map(({ median }, i) =>
    median === null
      ? NOTHING
      : html`<circle cx="${at(x(i))}" cy="${at(y(median))}" r="${points.length > 60 ? 1.5 : 3}"><title>${minute(runs[i]?.startedAt ?? '')}: ${text(median)}</title></circle>`,
  );
  return html`<path class="grid" d="M0 ${at(y(0))}H${WIDTH}M0 ${at(y(most))}H${WIDTH}"/><text class="top" x="0" y="${at(y(most) - 3)}">${text(most)}</text><path class="range" d="${raw(bars.join(''))}"/><path class="line" d="${raw(lineOf(points, x, y))}"/>${dots}`;
}

/** Broken where a run did not measure it. */
function lineOf(points: readonly Point[], x: (i: number) => number, y: (value: number) => number): string {
  let pen = 'M';
  return points
    .map(({ median }, i) => {
      const step = median === null ? '' : `${pen}${at(x(i))} ${at(y(median))}`;
      pen = median === null ? 'M' : 'L';
      return step;
    })
    .join('');
}
