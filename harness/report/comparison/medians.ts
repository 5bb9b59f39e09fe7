/** The medians of both sides, with the intervals that the bootstrap gives. */
import type { Cell, Group, MeasurementComparison } from '../../analysis/compare/comparison.ts';
import { labelOf } from '../measurements.ts';
import { formatOf } from '../numbers.ts';
import { heading, paintOf, type Style } from '../style.ts';
import { table } from '../text.ts';

export function mediansSection({ failures, measurements }: Cell, style: Style): string[] {
  if (measurements.length === 0) return [];
  const failed = ({ failed, migrations }: typeof failures.base) => [String(failed), '', `${migrations}`];
  const header = ['', 'base', '', 'n', 'candidate', '', 'n', ''];
  const rows = [
    ...measurements.map(row),
    ['failed', ...failed(failures.base), ...failed(failures.candidate), ''],
  ];
  const [head = '', ...lines] = table([header, ...rows], 'lrrrrrrl', style.width);
  return [
    heading(style, 'Medians', 'with bootstrap 95 % intervals (from 6 on)'),
    paintOf(style).dim(head),
    ...lines,
  ];
}

function row({ measurement, unit, base, candidate }: MeasurementComparison): string[] {
  const format = formatOf({ unit, max: largest(base, candidate), uncertainty: digitsTo(base, candidate) });
  const side = ({ median, medianCi95, values, unknown }: Group): string[] => [
    median === null ? 'unknown' : format.value(median),
    medianCi95 === null ? '' : medianCi95.map(format.value).join('–'),
    unknown === 0 ? `${values}` : `${values}/${values + unknown}`,
  ];
  return [labelOf(measurement), ...side(base), ...side(candidate), format.unit];
}

function largest(base: Group, candidate: Group): number {
  return Math.max(
    base.medianCi95?.[1] ?? base.median ?? 0,
    candidate.medianCi95?.[1] ?? candidate.median ?? 0,
  );
}

/** A tenth of the narrower interval: two that are compared are shown with a digit more than one alone. */
function digitsTo(...groups: Group[]): number | null {
  const widths = groups.flatMap(({ medianCi95: ci }) =>
    ci === null || ci[1] === ci[0] ? [] : [ci[1] - ci[0]],
  );
  return widths.length === 0 ? null : Math.min(...widths) / 20;
}
