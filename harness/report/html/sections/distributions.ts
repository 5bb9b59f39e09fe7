/** Every measurement: each migration a dot, quartiles as a box, the median with its interval. */
import type { Distribution, MigrationResult, RunRecord } from '../../../model.ts';
import { labelOf, measured, reasonsOf } from '../../measurements.ts';
import { formatOf } from '../../numbers.ts';
import { type Html, html, NOTHING } from '../markup.ts';
import { at } from '../svg.ts';

export function distributionsSection(record: RunRecord): Html {
  const cards = record.distributions.map((distribution) => card(distribution, measured(record)));
  return html`<section aria-labelledby="distributions-title" id="distributions">
<h2 id="distributions-title">Distributions</h2>
<p class="note">A dot is one measured migration. Box: quartiles. Line: median. Bar above: 95 % interval of the median.</p>
${cards.length === 0 ? html`<p>unknown (no migration was measured)</p>` : html`<div class="cards">${cards}</div>`}
</section>`;
}

/** The migrations that the values belong to: those that are known, in order. */
export function numbersOf(
  { values, unknown }: Pick<Distribution, 'values' | 'unknown'>,
  migrations: readonly MigrationResult[],
): number[] {
  const missing = new Set(unknown.map(({ number }) => number));
  const known = migrations.map(({ number }) => number).filter((number) => !missing.has(number));
  return known.length === values.length ? known : [];
}

function card(distribution: Distribution, migrations: readonly MigrationResult[]): Html {
  const { measurement, min, max, median, q1, q3, medianCi95, values, unknown } = distribution;
  const { value, unit, each } = formatOf(distribution);
  const told = (figure: number | null): string => (figure === null ? '-' : value(figure));
  const known = median !== null && min !== null && max !== null;
  const interval = medianCi95 === null ? '' : ` (95 %: ${told(medianCi95[0])} – ${told(medianCi95[1])})`;
  const number =
    unknown.length === 0 ? `${values.length}` : `${values.length} of ${values.length + unknown.length}`;
  const body = known
    ? html`${strip(distribution, migrations)}
<p class="ends"><span>${told(min)}</span><span>${told(max)} ${unit}</span></p>
<p>median <strong>${told(median)} ${unit}</strong>${interval}<br>quartiles ${told(q1)} – ${told(q3)}; n ${number}; each ${each}</p>`
    : html`<p>unknown</p>`;
  const reasons = reasonsOf(unknown).map((why) => html`<p class="note">unknown: ${why}</p>`);
  return html`<article class="card"><h3>${labelOf(measurement)}</h3>${body}${reasons}</article>`;
}

const WIDTH = 480;
const HEIGHT = 74;
const MARGIN = 8;
/** Dots stand on places 6 apart, one above the other, closer where many do; above the last level they share it. */
const PLACE = 6;
const LEVELS = 50;
const LEVEL_AT_MOST = 7;
const BASE = HEIGHT - 8;

function strip(distribution: Distribution, migrations: readonly MigrationResult[]): Html {
  const { measurement, min, max, q1, q3, median, medianCi95 } = distribution;
  if (min === null || max === null || median === null) return NOTHING;
  const x = (value: number): number =>
    max > min ? MARGIN + ((value - min) / (max - min)) * (WIDTH - 2 * MARGIN) : WIDTH / 2;
  const { value, unit } = formatOf(distribution);
  const box =
    q1 === null || q3 === null
      ? NOTHING
      : html`<rect class="box" x="${at(x(q1))}" y="12" width="${at(Math.max(1, x(q3) - x(q1)))}" height="${HEIGHT - 14}"/>`;
  const interval =
    medianCi95 === null
      ? NOTHING
      : html`<path class="interval" d="M${at(x(medianCi95[0]))} 3v6m0-3H${at(x(medianCi95[1]))}m0-3v6"/>`;
  const says = `${labelOf(measurement)}: ${distribution.values.length} dots from ${value(min)} to ${value(max)} ${unit}, median ${value(median)} ${unit}`;
  return html`<svg class="strip" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${says}">${box}${interval}<path class="median" d="M${at(x(median))} 10V${HEIGHT}"/>${dots(distribution, migrations, x)}</svg>`;
}

/** At most as many dots as there are places and levels, whatever the number of migrations. */
function dots(
  distribution: Distribution,
  migrations: readonly MigrationResult[],
  x: (value: number) => number,
): Html[] {
  const { value, unit } = formatOf(distribution);
  const numbers = numbersOf(distribution, migrations);
  const stacks = new Map<number, { value: number; text: string }[]>();
  distribution.values.forEach((one, index) => {
    const place = Math.round(x(one) / PLACE);
    const number = numbers[index];
    const text = `${number === undefined ? '' : `migration ${number}: `}${value(one)} ${unit}`;
    stacks.set(place, [...(stacks.get(place) ?? []), { value: one, text }]);
  });
  const tallest = Math.min(LEVELS, Math.max(...[...stacks.values()].map((stack) => stack.length)));
  const level = Math.min(LEVEL_AT_MOST, (BASE - 14) / Math.max(1, tallest - 1));
  return [...stacks].flatMap(([place, stack]) =>
    Array.from({ length: Math.min(LEVELS, stack.length) }, (_, index) => {
      const more = index === LEVELS - 1 ? stack.length - LEVELS : 0;
      const title = `${stack[index]?.text}${more > 0 ? ` and ${more} more here` : ''}`;
      // A dot that is alone stands where its value is.
      const cx = stack.length === 1 ? x(stack[0]?.value ?? 0) : place * PLACE;
      return html`<circle${more > 0 ? html` class="many"` : NOTHING} cx="${at(cx)}" cy="${at(BASE - index * level)}" r="3"><title>${title}</title></circle>`;
    }),
  );
}
