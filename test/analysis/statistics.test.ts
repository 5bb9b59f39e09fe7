import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gather, medianCi95, mulberry32, quantile } from '../../harness/analysis/statistics.ts';

const values = fc.array(
  fc.integer({ min: 0, max: 10_000_000 }).map((us) => us / 1_000),
  { minLength: 6, maxLength: 40 },
);

describe('quantile', () => {
  it('is linear between the two nearest values, as in R and numpy', () => {
    const four = [40, 10, 30, 20];
    expect([0, 0.25, 0.5, 0.75, 0.95, 1].map((p) => quantile(four, p))).toEqual([
      10, 17.5, 25, 32.5, 38.5, 40,
    ]);
  });

  it('is null without values', () => {
    expect(quantile([], 0.5)).toBeNull();
  });
});

describe('medianCi95', () => {
  it('is the same for the same values and seed, lies within the values and around their median', () => {
    fc.assert(
      fc.property(values, fc.integer(), (list, seed) => {
        const interval = medianCi95(list, seed) as [number, number];
        expect(interval).toEqual(medianCi95([...list].reverse(), seed));
        const median = quantile(list, 0.5) as number;
        expect(interval[0]).toBeLessThanOrEqual(median);
        expect(interval[1]).toBeGreaterThanOrEqual(median);
        expect(interval[0]).toBeGreaterThanOrEqual(Math.min(...list));
        expect(interval[1]).toBeLessThanOrEqual(Math.max(...list));
      }),
      { numRuns: 25 },
    );
  });

  it('holds the true median of a known distribution in about 95 of 100 samples of it', () => {
    const random = mulberry32(1);
    const hits = Array.from({ length: 200 }, (_, seed) => {
      const sample = Array.from({ length: 25 }, random);
      const [low, high] = medianCi95(sample, seed) as [number, number];
      return low <= 0.5 && high >= 0.5;
    }).filter(Boolean).length;
    expect(hits).toBeGreaterThanOrEqual(178);
    expect(hits).toBeLessThan(200);
  });

  it.each([10, 25, 40])('agrees with medians of %d values that are really drawn anew', (count) => {
    const random = mulberry32(count);
    const values = Array.from({ length: count }, random);
    const draw = () => values[Math.floor(random() * count)] as number;
    const medians = Array.from(
      { length: 4_000 },
      () => quantile(Array.from({ length: count }, draw), 0.5) as number,
    );
    const [low, high] = medianCi95(values, 1) as [number, number];
    const [l, h] = [quantile(medians, 0.025), quantile(medians, 0.975)] as [number, number];
    // The two may differ by one step between neighbouring values: 1 / count on average.
    expect([Math.abs(low - l) * count < 1, Math.abs(high - h) * count < 1]).toEqual([true, true]);
  });

  it('is null below six values, of which not even the range is an interval of 95 %', () => {
    expect([1, 5].map((count) => medianCi95(Array(count).fill(7), 1))).toEqual([null, null]);
    expect(medianCi95(Array(6).fill(7), 1)).toEqual([7, 7]);
  });
});

describe('mulberry32', () => {
  it('gives the published sequence for seed 1', () => {
    const random = mulberry32(1);
    expect([random(), random(), random()].map((x) => Math.round(x * 2 ** 32))).toEqual([
      2693262067, 11749833, 2265367787,
    ]);
  });
});

describe('gather', () => {
  it('tells the same as sorting all values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 3_000 }),
        (list) => {
          const all = gather();
          for (const value of list) all.add(value);
          expect(all.summary()).toEqual({
            median: quantile(list, 0.5),
            p99: quantile(list, 0.99),
            max: quantile(list, 1),
          });
        },
      ),
      { numRuns: 30 },
    );
  });

  it('is null without values', () => {
    expect(gather().summary()).toBeNull();
  });
});
