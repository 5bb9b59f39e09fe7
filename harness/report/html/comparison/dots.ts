/** Every migration of both sides, on one scale for each measurement. */
import type { MeasurementComparison } from '../../../analysis/compare/comparison.ts';
import type { Runs } from '../../../analysis/compare/pairs.ts';
import { quantile } from '../../../analysis/statistics.ts';
import type { RunRecord } from '../../../model.ts';
import { labelOf, measured } from '../../measurements.ts';
import { safeText } from '../../text.ts';
import { type Html, html } from '../markup.ts';
import { numbersOf } from '../sections/distributions.ts';
import { type Dot, strip } from '../strip.ts';
import { type GroupText, groupTexts } from './words.ts';

export function dotsOf(one: MeasurementComparison, { base, candidate }: Runs): Html {
  const texts = groupTexts(one);
  const told = (value: number): string => `${texts.value(value)} ${texts.unit}`.trim();
  const sides = [
    { name: 'base', dots: dots(base, one.measurement, told), group: one.base, text: texts.base },
    {
      name: 'candidate',
      dots: dots(candidate, one.measurement, told),
      group: one.candidate,
      text: texts.candidate,
    },
  ];
  // Without spreading: there can be more of them than a call takes arguments.
  const all = sides.flatMap((side) => side.dots.map(({ value }) => value));
  const [from, to] = [quantile(all, 0), quantile(all, 1)];
  if (from === null || to === null) {
    return html`<article class="card"><h4>${labelOf(one.measurement)}</h4><p>unknown on both sides</p></article>`;
  }
  const drawn = sides.map(({ name, dots, group, text }) => {
    const values = dots.map(({ value }) => value);
    const median = group.median ?? quantile(values, 0.5);
    const label = html`<p class="ends"><span>${name}</span><span>${summaryOf(text)}</span></p>`;
    if (median === null) return html`${label}<p class="note">unknown</p>`;
    const says = `${labelOf(one.measurement)} of the ${name}: ${dots.length} dots, median ${told(median)}`;
    const [q1, q3] = [quantile(values, 0.25), quantile(values, 0.75)];
    return html`${label}${strip({ values: dots, from, to, median, q1, q3, medianCi95: group.medianCi95, says })}`;
  });
  return html`<article class="card"><h4>${labelOf(one.measurement)}</h4>${drawn}
<p class="ends"><span>${texts.value(from)}</span><span>${told(to)}</span></p></article>`;
}

function summaryOf({ median, interval, n }: GroupText): string {
  return `median ${median}${interval === '' ? '' : ` (${interval})`}, n ${n}`;
}

function dots(records: readonly RunRecord[], measurement: string, told: (value: number) => string): Dot[] {
  return records.flatMap((record) => {
    const found = record.distributions.find((one) => one.measurement === measurement);
    if (found === undefined) return [];
    const numbers = numbersOf(found, measured(record));
    return found.values.map((value, index) => ({
      value,
      text: `${safeText(record.head.id, 60)}, migration ${numbers[index] ?? '?'}: ${told(value)}`,
    }));
  });
}
