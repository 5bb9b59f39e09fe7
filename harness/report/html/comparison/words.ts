/** How a comparison is shown: the look of its verdicts, and two medians as text with the same digits. */
import type {
  ComparisonVerdict,
  Group,
  MeasurementComparison,
} from '../../../analysis/compare/comparison.ts';
import { changeText, fromNone } from '../../comparison/words.ts';
import { formatOf } from '../../numbers.ts';

/** See page.css. */
export const LOOKS: Record<ComparisonVerdict, string> = {
  regressed: 'fail',
  improved: 'pass',
  'no difference shown': 'even',
  unknown: 'unknown',
};

export interface GroupText {
  median: string;
  interval: string;
  /** Values, of all that there could be. */
  n: string;
}

/** By how much, as all formats tell it. */
export function changeWords(one: MeasurementComparison): string {
  return changeText(one) || fromNone(one) || 'unknown';
}

export function groupTexts(one: MeasurementComparison): {
  base: GroupText;
  candidate: GroupText;
  unit: string;
  value: (value: number) => string;
} {
  const { base, candidate } = one;
  const format = valueFormat(one);
  const told = ({ median, medianCi95, values, unknown }: Group): GroupText => ({
    median: median === null ? 'unknown' : `${format.value(median)} ${format.unit}`.trim(),
    interval: medianCi95 === null ? '' : medianCi95.map(format.value).join(' – '),
    n: unknown === 0 ? `${values}` : `${values} of ${values + unknown}`,
  });
  return { base: told(base), candidate: told(candidate), ...format };
}

/** A digit more than one side alone would have: of two that are compared the small difference counts. */
function valueFormat({ unit, base, candidate }: MeasurementComparison) {
  const groups = [base, candidate];
  const widths = groups.flatMap(({ medianCi95: ci }) =>
    ci === null || ci[1] === ci[0] ? [] : [ci[1] - ci[0]],
  );
  const max = Math.max(...groups.map(({ median, medianCi95 }) => medianCi95?.[1] ?? median ?? 0));
  const uncertainty = widths.length === 0 ? null : Math.min(...widths) / 20;
  const { unit: name, value } = formatOf({ unit, max, uncertainty });
  return { unit: name, value };
}
