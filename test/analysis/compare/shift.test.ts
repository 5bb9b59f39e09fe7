import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shiftOf } from '../../../harness/analysis/compare/shift.ts';
import { mulberry32, quantile } from '../../../harness/analysis/statistics.ts';
import { PERMEABILITY } from './vectors.ts';

const rounded = (shift: ReturnType<typeof shiftOf>) =>
  shift && {
    estimate: Number(shift.estimate.toFixed(9)),
    low: shift.low && Number(shift.low.toFixed(9)),
    high: shift.high && Number(shift.high.toFixed(9)),
  };

describe('shiftOf', () => {
  it('gives what is published of the permeability of the chorioamnion', () => {
    expect(rounded(shiftOf([PERMEABILITY]))).toEqual({ estimate: 0.305, low: -0.15, high: 0.76 });
  });

  it('is the median of the differences of all pairs', () => {
    const values = fc.array(fc.integer({ min: -500, max: 500 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(values, values, (base, candidate) => {
        const differences = candidate.flatMap((c) => base.map((b) => c - b));
        expect(shiftOf([{ base, candidate }])?.estimate).toBeCloseTo(quantile(differences, 0.5) as number, 6);
      }),
    );
  });

  it('leaves open what too few values leave open', () => {
    expect(rounded(shiftOf([{ base: [1, 2], candidate: [4, 6] }]))).toEqual({
      estimate: 3.5,
      low: null,
      high: null,
    });
    expect(shiftOf([{ base: [], candidate: [1] }])).toBeNull();
  });

  it('does not take a difference between strata for one between groups', () => {
    const strata = [
      { base: [10, 11, 12, 13, 14, 15], candidate: [12] },
      { base: [110], candidate: [112, 113, 114, 115, 116] },
    ];
    expect(shiftOf(strata)?.estimate).toBeCloseTo(2, 9);
  });

  it('holds the true shift in about 95 of 100 pairs of samples', () => {
    const random = mulberry32(3);
    const held = Array.from({ length: 400 }, () => {
      const base = Array.from({ length: 20 }, random);
      const candidate = Array.from({ length: 25 }, () => random() + 0.4);
      const { low, high } = shiftOf([{ base, candidate }]) as { low: number; high: number };
      return low <= 0.4 && high >= 0.4;
    }).filter(Boolean).length;
    expect(held).toBeGreaterThanOrEqual(366);
    expect(held).toBeLessThan(398);
  });
});
