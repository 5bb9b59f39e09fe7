/** Every migration of every cell a dot; the cells of one measurement on one scale. */
import { quantile } from '../../../analysis/statistics.ts';
import type { SweepResult } from '../../../analysis/sweep/result.ts';
import { labelOf } from '../../measurements.ts';
import { count, counted, formatOf } from '../../numbers.ts';
import { type Html, html, NOTHING } from '../markup.ts';
import { strip } from '../strip.ts';
import { figureOf, medianText, valuesText } from './words.ts';

const CELLS_AT_MOST = 200;

export function distributionsSection({ cells }: SweepResult): Html {
  const names = [...new Set(cells.flatMap(({ figures }) => figures.map(({ measurement }) => measurement)))];
  const left = cells.length - CELLS_AT_MOST;
  const more =
    left > 0 ? html`<p>Not drawn: ${counted(left, 'more cell')}; the table above has them.</p>` : NOTHING;
  return html`<p class="note">A dot is one measured migration. Box: quartiles. Line: median. Bar above: 95 % interval of the median. All cells of a measurement on one scale.</p>
<div class="cards wide">${names.map((name) => card(name, cells.slice(0, CELLS_AT_MOST)))}</div>${more}`;
}

function card(measurement: string, cells: SweepResult['cells']): Html {
  const figures = cells.map((cell) => ({ cell, figure: figureOf(cell, measurement) }));
  const all = figures.flatMap(({ figure }) => figure?.values ?? []);
  const [from, to] = [quantile(all, 0), quantile(all, 1)];
  const first = figures[0]?.figure;
  if (from === null || to === null || first === undefined) {
    return html`<article class="card"><h3>${labelOf(measurement)}</h3><p>unknown in every cell</p></article>`;
  }
  const uncertainty = figures.reduce((most, { figure }) => Math.max(most, figure?.uncertainty ?? 0), 0);
  const format = formatOf({ unit: first.unit, max: to, uncertainty });
  const told = (value: number): string => `${format.value(value)} ${format.unit}`.trim();
  const rows = figures.map(({ cell, figure }) => {
    const name = valuesText(cell.values);
    const median = figure?.median ?? null;
    if (figure === undefined || median === null)
      return html`<p class="ends"><span>${name}</span><span>${cell.skipped === null ? 'unknown' : 'skipped'}</span></p>`;
    // As the table has it: the digits of the cell's own values.
    const { median: shown, interval } = medianText(figure) ?? { median: told(median), interval: '' };
    const values = figure.values.map((value) => ({ value, text: told(value) }));
    const says = `${labelOf(measurement)} with ${name}: ${values.length} dots, median ${shown}`;
    const [q1, q3] = [quantile(figure.values, 0.25), quantile(figure.values, 0.75)];
    const number =
      figure.unknown === 0
        ? count(values.length)
        : `${count(values.length)} of ${count(values.length + figure.unknown)}`;
    return html`<p class="ends"><span>${name}</span><span>median ${shown}${interval === '' ? '' : ` (${interval})`}, n ${number}</span></p>${strip({ values, from, to, median, q1, q3, medianCi95: figure.medianCi95, says })}`;
  });
  return html`<article class="card"><h3>${labelOf(measurement)}</h3>${rows}<p class="ends"><span>${format.value(from)}</span><span>${told(to)}</span></p></article>`;
}
