/** Every measurement: each migration a dot, quartiles as a box, the median with its interval. */
import type { Distribution, MigrationResult, RunRecord } from '../../../model.ts';
import { labelOf, measured, reasonsOf } from '../../measurements.ts';
import { formatOf } from '../../numbers.ts';
import { type Html, html, NOTHING } from '../markup.ts';
import { strip } from '../strip.ts';

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
    ? html`${drawing(distribution, migrations)}
<p class="ends"><span>${told(min)}</span><span>${told(max)} ${unit}</span></p>
<p>median <strong>${told(median)} ${unit}</strong>${interval}<br>quartiles ${told(q1)} – ${told(q3)}; n ${number}; each ${each}</p>`
    : html`<p>unknown</p>`;
  const reasons = reasonsOf(unknown).map((why) => html`<p class="note">unknown: ${why}</p>`);
  return html`<article class="card"><h3>${labelOf(measurement)}</h3>${body}${reasons}</article>`;
}

function drawing(distribution: Distribution, migrations: readonly MigrationResult[]): Html {
  const { measurement, values, min, max, q1, q3, median, medianCi95 } = distribution;
  if (min === null || max === null || median === null) return NOTHING;
  const { value, unit } = formatOf(distribution);
  const numbers = numbersOf(distribution, migrations);
  const dots = values.map((one, index) => {
    const number = numbers[index];
    return {
      value: one,
      text: `${number === undefined ? '' : `migration ${number}: `}${value(one)} ${unit}`,
    };
  });
  const says = `${labelOf(measurement)}: ${values.length} dots from ${value(min)} to ${value(max)} ${unit}, median ${value(median)} ${unit}`;
  return strip({ values: dots, from: min, to: max, q1, q3, median, medianCi95, says });
}
