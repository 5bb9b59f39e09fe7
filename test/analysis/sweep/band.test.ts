import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../../harness/analysis/statistics.ts';
import { lineOf, type Points } from '../../../harness/analysis/sweep/fit.ts';

const value = fc.integer({ min: 0, max: 5_000 });
const cells = fc
  .uniqueArray(fc.integer({ min: 0, max: 1_000 }), { minLength: 3, maxLength: 6 })
  .chain((all) =>
    fc.tuple(
      ...all.map((x) =>
        fc.array(value, { minLength: 2, maxLength: 8 }).map((values): Points => ({ x, values })),
      ),
    ),
  );

describe('the band of a line', () => {
  it('holds the line, and is at 0 what the interval of the fixed part is', () => {
    fc.assert(
      fc.property(cells, fc.nat(), (points, seed) => {
        const line = lineOf(points, seed);
        if (line === null) throw new Error('there is no line');
        const last = Math.max(...points.map(({ x }) => x));
        expect([line.band[0]?.x, line.band.at(-1)?.x]).toEqual([0, last]);
        expect([line.band[0]?.low, line.band[0]?.high]).toEqual(line.fixed.ci95);
        // Both parts of the line are rounded to a microsecond.
        const rounding = 0.001 * (1 + last);
        for (const { x, low, high } of line.band) {
          const at = line.fixed.value + line.slope.value * x;
          expect(low).toBeLessThanOrEqual(at + rounding);
          expect(high).toBeGreaterThanOrEqual(at - rounding);
        }
        expect(lineOf(points, seed)).toEqual(line);
      }),
      { numRuns: 60 },
    );
  });

  it('is as narrow as a line where all values lie on one, and moves with them', () => {
    fc.assert(
      fc.property(cells, fc.integer({ min: 1, max: 900 }), fc.nat(), (points, more, seed) => {
        const straight = points.map(({ x, values }) => ({ x, values: values.map(() => 10 + 2 * x) }));
        for (const { x, low, high } of lineOf(straight, seed)?.band ?? []) {
          expect([low, high].map((one) => Math.abs(one - (10 + 2 * x)) < 0.002)).toEqual([true, true]);
        }
        const moved = points.map(({ x, values }) => ({ x, values: values.map((one) => one + more) }));
        const [before, after] = [lineOf(points, seed)?.band ?? [], lineOf(moved, seed)?.band ?? []];
        for (const [i, { low, high }] of before.entries()) {
          expect(after[i]?.low).toBeCloseTo(low + more, 2);
          expect(after[i]?.high).toBeCloseTo(high + more, 2);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('holds the true line at each place about as often as it says', () => {
    const random = mulberry32(5);
    const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const rounds = 200;
    const held = [0, 0, 0];
    for (let round = 0; round < rounds; round++) {
      const points = [16, 64, 256].map((x) => ({
        x,
        values: Array.from({ length: 12 }, () => 100 + 2 * x + 20 * normal()),
      }));
      const band = lineOf(points, round)?.band ?? [];
      for (const [i, one] of [band[0], band[12], band[24]].entries()) {
        const truth = 100 + 2 * (one?.x ?? 0);
        if ((one?.low ?? 0) <= truth && truth <= (one?.high ?? 0)) held[i] = (held[i] ?? 0) + 1;
      }
    }
    // The bootstrap of 12 values is a little narrow: 95 % would be 190.
    for (const times of held) expect(times).toBeGreaterThanOrEqual(0.88 * rounds);
    expect(held.some((times) => times < rounds)).toBe(true);
  });
});
