import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attainableP, splitsOf } from '../../../harness/analysis/trend/change-points.ts';

const SEARCH = { alpha: 0.05, permutations: 9_999 };
const steps = (...levels: number[]): number[] =>
  levels.flatMap((level) =>
    Array.from({ length: 10 }, (_, i) => level + ([3, 8, 1, 6, 4, 9, 0, 5, 7, 2][i] as number) / 100),
  );

describe('where a series changes', () => {
  it('is where a step is, and is so as often as counting says', () => {
    const values = Array.from({ length: 10 }, (_, i) => i);
    // 2 of the 252 ways to choose 5 of 10, for two shapes; the permutations scatter about it.
    const split = splitsOf(values, SEARCH);
    expect([split?.at, attainableP(10)]).toEqual([[5], expect.closeTo(4 / 252, 10)]);
    expect(split?.p).toBeCloseTo(4 / 252, 2);
  });

  it('is found on both sides of the widest split, and each is tested', () => {
    const split = splitsOf(steps(1, 2, 5, 9), SEARCH);
    expect(split).toMatchObject({ from: 0, to: 40, at: [20], p: expect.closeTo(0.0002, 6) });
    expect(split?.parts).toMatchObject([
      { from: 0, to: 20, at: [10] },
      { from: 20, to: 40, at: [30] },
    ]);
  });

  it('is at both ends of what became slow and was mended', () => {
    expect(splitsOf(steps(1, 2, 1), SEARCH)).toMatchObject({ at: [10, 20], p: expect.closeTo(0.0002, 6) });
  });

  it('is nowhere in what does not differ, and nowhere is looked at in what is too short', () => {
    expect(
      splitsOf(
        Array.from({ length: 40 }, () => 5),
        SEARCH,
      ),
    ).toBeNull();
    expect(splitsOf([1, 2, 3, 4, 5, 6, 7, 8, 9], SEARCH)).toBeNull();
    expect(splitsOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], SEARCH)).not.toBeNull();
  });

  it('is none for two runs that stand out at the end', () => {
    expect(splitsOf([...steps(1, 1, 1), 9, 9], SEARCH)?.at).not.toContain(30);
  });

  it('depends on the order of the values and not on their sizes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 10, maxLength: 30 }), (values) => {
        const larger = values.map((value) => value ** 3 + 7);
        expect(splitsOf(larger, SEARCH)).toEqual(splitsOf(values, SEARCH));
      }),
      { numRuns: 50 },
    );
  });
});
