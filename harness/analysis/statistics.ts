/**
 * Order statistics and the bootstrap. Quantiles are simple-statistics': linear between the two nearest values (type 7
 * of R and of numpy).
 */
import { quantileSorted } from 'simple-statistics';

/** The quantile of values in any order, rounded to a microsecond as they are; null without values. */
export function quantile(values: readonly number[], p: number): number | null {
  return values.length === 0 ? null : micro(quantileSorted(sorted(values), p));
}

export function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

const RESAMPLES = 2_000;

/**
 * Bootstrap 95 % confidence interval of the median (percentile method, 2,000 resamples); null below 2 values. The
 * same values, in whatever order, and the same seed give the same interval.
 */
export function medianCi95(values: readonly number[], seed: number): [number, number] | null {
  if (values.length < 2) return null;
  const ordered = sorted(values);
  const random = mulberry32(seed);
  const medians = Array.from({ length: RESAMPLES }, () => resampledMedian(ordered, random)).sort(
    (a, b) => a - b,
  );
  return [micro(quantileSorted(medians, 0.025)), micro(quantileSorted(medians, 0.975))];
}

/** The median of as many values drawn with replacement; counting what was drawn spares sorting it. */
function resampledMedian(ordered: readonly number[], random: () => number): number {
  const drawn = new Uint32Array(ordered.length);
  for (let i = 0; i < ordered.length; i++) {
    const index = Math.floor(random() * ordered.length);
    drawn[index] = (drawn[index] as number) + 1;
  }
  const valueAt = (rank: number): number => {
    let seen = 0;
    return ordered[
      drawn.findIndex((count) => {
        seen += count;
        return seen > rank;
      })
    ] as number;
  };
  const last = ordered.length - 1;
  return (valueAt(Math.floor(last / 2)) + valueAt(Math.ceil(last / 2))) / 2;
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
