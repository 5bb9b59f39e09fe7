/**
 * Order statistics and the bootstrap. Quantiles are simple-statistics': linear between the two nearest values (type 7
 * of R and of numpy).
 */
import { quantileSorted } from 'simple-statistics';

/** The quantile of values in any order, rounded to a microsecond as they are; null without values. */
export function quantile(values: readonly number[], p: number): number | null {
  return values.length === 0 ? null : micro(quantileSorted(sorted(values), p));
}

/** By way of a typed array, which is sorted without a call for each pair. */
export function sorted(values: readonly number[]): number[] {
  return Array.from(Float64Array.from(values).sort());
}

const RESAMPLES = 2_000;

// Even from the least to the greatest of n values the median of what they were drawn from lies only with 1 − 2 · 0.5ⁿ.
const FEWEST_FOR_95 = 6;

/**
 * Bootstrap 95 % confidence interval of the median (percentile method, 2,000 resamples); null below 6 values, of which
 * not even the range is one. The same values, in whatever order, and the same seed give the same interval.
 */
export function medianCi95(values: readonly number[], seed: number): [number, number] | null {
  if (values.length < FEWEST_FOR_95) return null;
  const ordered = sorted(values);
  const random = mulberry32(seed);
  const medians = Array.from({ length: RESAMPLES }, () => resampledMedian(ordered, random)).sort(
    (a, b) => a - b,
  );
  return [micro(quantileSorted(medians, 0.025)), micro(quantileSorted(medians, 0.975))];
}

/**
 * The median of as many values drawn with replacement. Which of the ordered values that is, is drawn at once: the
 * k-th smallest of n uniform numbers is distributed as Beta(k, n − k + 1), and the next one as the smallest of the
 * rest above it. So a resample costs the same for ten values and for ten thousand.
 */
function resampledMedian(ordered: readonly number[], random: () => number): number {
  const n = ordered.length;
  const k = Math.ceil(n / 2);
  const below = gammaDraw(k, random);
  const lower = below / (below + gammaDraw(n - k + 1, random));
  const upper = n % 2 === 1 ? lower : lower + (1 - lower) * (1 - random() ** (1 / (n - k)));
  const valueAt = (place: number): number => ordered[Math.min(n - 1, Math.floor(place * n))] as number;
  return (valueAt(lower) + valueAt(upper)) / 2;
}

/** A number of the gamma distribution with shape ≥ 1 (Marsaglia and Tsang, A simple method for generating gamma variables, 2000). */
function gammaDraw(shape: number, random: () => number): number {
  const d = shape - 1 / 3;
  for (;;) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const v = (1 + normal / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random()) < normal ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** A small seeded generator of numbers in [0, 1) (Tommy Ettinger's mulberry32, public domain). */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Values that come one by one, a million of them, kept for exact quantiles in 8 bytes each. */
export interface Gathered {
  add(value: number): void;
  /** Median, p99 and maximum; null where there were none. */
  summary(): { median: number; p99: number; max: number } | null;
}

export function gather(): Gathered {
  let values = new Float64Array(1_024);
  let count = 0;
  return {
    add(value) {
      if (count === values.length) {
        const larger = new Float64Array(count * 2);
        larger.set(values);
        values = larger;
      }
      values[count++] = value;
    },
    summary() {
      if (count === 0) return null;
      const all = values.slice(0, count).sort() as unknown as number[];
      return {
        median: micro(quantileSorted(all, 0.5)),
        p99: micro(quantileSorted(all, 0.99)),
        max: micro(all[count - 1] as number),
      };
    },
  };
}

/** Rounded to a microsecond, the resolution of every instant. */
export function micro(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
