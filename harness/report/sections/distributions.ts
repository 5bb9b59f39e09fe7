/** Every measurement with its quartiles, and every single run as a mark on a line. */
import type { Distribution, RunRecord } from '../../model.ts';
import { isCriuField, labelOf } from '../measurements.ts';
import { formatOf } from '../numbers.ts';
import { heading, type Paint, paintOf, type Style } from '../style.ts';
import { table } from '../text.ts';
import { unknownLines } from './headline.ts';

export function distributionsSection(record: RunRecord, style: Style): string[] {
  const shown = record.distributions.filter((one) => !isCriuField(one.measurement));
  if (shown.length === 0) return [];
  const paint = paintOf(style);
  const note = 'strips from min to max: o is one migration, a digit that many';
  if (shown.every((one) => one.values.length + one.unknown.length === 0)) {
    return [heading(style, 'Distributions'), '  unknown (no migration was measured)'];
  }
  const header = ['', 'min', 'q1', 'median', 'q3', 'max', '', 'n', 'each'];
  const [head = '', ...rows] = table([header, ...shown.map(row)], 'lrrrrrlrl', style.width);
  return [
    heading(style, 'Distributions', note),
    paint.dim(head),
    ...shown.flatMap((distribution, index) => [
      rows[index] ?? '',
      ...stripLines(distribution, style, paint),
      ...unknownLines(distribution, style),
    ]),
  ];
}

/** Where all values look the same at the digits that are shown, a strip would only magnify noise. */
function stripLines(distribution: Distribution, style: Style, paint: Paint): string[] {
  const { min, max } = distribution;
  const { value } = formatOf(distribution);
  if (min === null || max === null || value(min) === value(max)) return [];
  return [`    ${paint.cyan(strip(distribution, style.width - 4))}`];
}

/** Each value at its place between min and max: `o` for one, a digit for several, `+` above nine. */
export function strip(distribution: { values: readonly number[] }, width: number): string {
  const min = Math.min(...distribution.values);
  const max = Math.max(...distribution.values);
  const places = Math.min(60, width) - 2;
  const counts = new Array<number>(places).fill(0);
  for (const value of distribution.values) {
    const place = max > min ? Math.round(((value - min) / (max - min)) * (places - 1)) : 0;
    counts[place] = (counts[place] ?? 0) + 1;
  }
  return `[${counts.map(symbolOf).join('')}]`;
}

function symbolOf(count: number): string {
  if (count === 0) return '·';
  if (count === 1) return 'o';
  return count > 9 ? '+' : String(count);
}

function row(distribution: Distribution): string[] {
  const { value, unit, each } = formatOf(distribution);
  const { min, q1, median, q3, max, values } = distribution;
  const figures = [min, q1, median, q3, max].map((figure) => (figure === null ? '-' : value(figure)));
  return [
    labelOf(distribution.measurement),
    ...figures,
    unit,
    String(values.length),
    values.length === 0 ? '-' : each,
  ];
}
