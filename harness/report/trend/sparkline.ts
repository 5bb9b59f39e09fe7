/** A series as a line of little bars. */
import { median } from 'simple-statistics';

const BARS = '▁▂▃▄▅▆▇█';

/** At most `columns` wide: neighbours share a bar, of their median. `?`: not known. From the least to the largest value. */
export function sparkline(values: readonly (number | null)[], columns: number): string {
  const count = Math.min(columns, values.length);
  const groups = Array.from({ length: count }, (_, i) => {
    const at = (place: number): number => Math.floor((place * values.length) / count);
    return values.slice(at(i), at(i + 1)).filter((value) => value !== null);
  });
  const heights = groups.map((group) => (group.length === 0 ? null : median(group)));
  const known = heights.filter((height) => height !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return heights
    .map((height) => {
      if (height === null) return '?';
      const share = high > low ? (height - low) / (high - low) : 0;
      return BARS[Math.round(share * (BARS.length - 1))];
    })
    .join('');
}
