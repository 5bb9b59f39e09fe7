import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rankTest, smallestP } from '../../../harness/analysis/compare/rank-test.ts';
import { mulberry32 } from '../../../harness/analysis/statistics.ts';
import { AGES, OZONE, PERMEABILITY } from './vectors.ts';

const distinct = (least: number) =>
  fc.uniqueArray(fc.integer({ min: 0, max: 1_000 }), { minLength: least, maxLength: 16 });

describe('rankTest of one stratum', () => {
  it.each([
    ['Hollander and Wolfe: W = 35, and 0.1272 one-sided', PERMEABILITY, 35, 0.2544122544],
    ["R's airquality, with ties: W = 127.5", OZONE, 127.5, 0.0001208078],
    ["scipy's example: U = 17", AGES, 17, 1 / 9],
  ])('gives what is published: %s', (_, groups, u, p) => {
    const result = rankTest([groups]);
    expect(result?.u).toBe(u);
    expect(result?.p).toBeCloseTo(p, 10);
  });

  it('gives its smallest p where all values of one group are larger than all of the other', () => {
    const result = rankTest([{ base: [1, 2, 3], candidate: [4, 5, 6, 7] }]);
    expect([result?.u, result?.p, result?.attainableP].map((x) => Number(x?.toFixed(9)))).toEqual([
      12, 0.057142857, 0.057142857,
    ]);
    expect(smallestP(4, 3)).toBe(result?.attainableP);
  });

  it('has nothing to say of one group alone', () => {
    expect(rankTest([{ base: [], candidate: [1, 2] }])).toBeNull();
  });

  it('shows no difference between equal values', () => {
    expect(rankTest([{ base: [5, 5, 5], candidate: [5, 5, 5] }])?.p).toBe(1);
  });
});

describe('rankTest of several strata', () => {
  it('agrees with a test by shuffling within the strata', () => {
    const strata = [
      { base: [10, 12, 15, 11, 18], candidate: [14, 19, 17, 22] },
      { base: [110, 104, 121], candidate: [118, 131, 127, 109] },
    ];
    expect(rankTest(strata)?.p).toBeCloseTo(shuffled(strata, 40_000), 2);
  });

  it('is exact or normal with little between them', () => {
    const random = mulberry32(7);
    const draw = (count: number, from: number) => Array.from({ length: count }, () => from + random());
    const strata = [
      { base: draw(20, 0), candidate: draw(22, 0.15) },
      { base: draw(9, 5), candidate: draw(8, 5.1) },
    ];
    const withLast = (more: number) =>
      rankTest(
        strata.map(({ base, candidate }) => ({
          base: [...base.slice(1), (candidate[0] as number) + more],
          candidate,
        })),
      )?.p as number;
    expect(withLast(0)).toBeCloseTo((withLast(-1e-9) + withLast(1e-9)) / 2, 2);
  });

  it('is the test of all values where there is one stratum, and leaves strata without a counterpart out', () => {
    fc.assert(
      fc.property(distinct(2), (values) => {
        const [base, candidate] = [values.slice(1), values.slice(0, 1)];
        expect(
          rankTest([
            { base, candidate },
            { base: [1, 2], candidate: [] },
          ]),
        ).toEqual(rankTest([{ base, candidate }]));
      }),
    );
  });

  it('says the same of both directions', () => {
    fc.assert(
      fc.property(distinct(4), (values) => {
        const [base, candidate] = [values.filter((_, i) => i % 2 > 0), values.filter((_, i) => i % 2 === 0)];
        const there = rankTest([{ base, candidate }]);
        const back = rankTest([{ base: candidate, candidate: base }]);
        expect(there?.p).toBeCloseTo(back?.p as number, 12);
        expect((there?.u as number) + (back?.u as number)).toBe(base.length * candidate.length);
      }),
    );
  });
});

/** The share of shufflings within each stratum that are as far from the middle as what is there. */
function shuffled(strata: { base: number[]; candidate: number[] }[], times: number): number {
  const random = mulberry32(1);
  const away = (all: typeof strata): number =>
    Math.abs(
      all.reduce((sum, { base, candidate }) => {
        const won = candidate.flatMap((c) => base.filter((b) => b < c)).length;
        return sum + (won - (base.length * candidate.length) / 2) / (base.length + candidate.length + 1);
      }, 0),
    );
  const observed = away(strata) - 1e-9;
  const hits = Array.from({ length: times }, () =>
    away(
      strata.map(({ base, candidate }) => {
        const mixed = [...base, ...candidate]
          .map((value) => ({ value, at: random() }))
          .sort((a, b) => a.at - b.at)
          .map(({ value }) => value);
        return { base: mixed.slice(candidate.length), candidate: mixed.slice(0, candidate.length) };
      }),
    ),
  ).filter((one) => one >= observed);
  return hits.length / times;
}
