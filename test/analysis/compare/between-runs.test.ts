import { describe, expect, it } from 'vitest';
import { changeByRuns } from '../../../harness/analysis/compare/between-runs.ts';

const run = (value: number) => Array.from({ length: 5 }, () => ({ value, freezingMs: null }));
const of = (base: number[], candidate: number[]) =>
  changeByRuns('gap', { base: base.map(run), candidate: candidate.map(run) });

describe('changeByRuns', () => {
  it("is what Student's t makes of the runs' places", () => {
    // On a logarithmic scale: 0 and d, twice; s = d / √2, two degrees of freedom, and t = 4.303.
    const d = Math.log(1.1);
    expect(of([100, 110], [100, 110])).toBeCloseTo(Math.expm1((4.303 * d) / Math.SQRT2), 4);
  });

  it('weighs more runs more, also beyond the table of t', () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 100 : 110));
    const [few, some, most] = [2, 4, 8].map((count) => of(many(count), many(count)) as number);
    expect(few).toBeGreaterThan(some as number);
    expect(some).toBeGreaterThan(most as number);
    // R: qt(0.975, 14) = 2.144787
    const error = (Math.log(1.1) / 2) * Math.sqrt(16 / 14) * Math.sqrt(2 / 8);
    expect(most).toBeCloseTo(Math.expm1(2.144787 * error), 3);
  });

  it('does not count what lies between the sides', () => {
    expect(of([100, 100], [200, 200])).toBeCloseTo(0, 5);
  });

  it('is not known of one run on each side, or of a side without', () => {
    expect([of([100], [120]), of([100, 110], [])]).toEqual([null, null]);
  });
});
