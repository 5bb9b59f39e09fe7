import { describe, expect, it } from 'vitest';
import { fisherExact } from '../../../harness/analysis/compare/fisher.ts';

const of = (count: number, total: number) => ({ count, total });

describe('fisherExact', () => {
  it.each([
    ['the lady tasting tea (Fisher 1935)', of(3, 4), of(1, 4), 0.4857142857],
    ["convictions of twins' brothers (Fisher, R's fisher.test)", of(2, 17), of(10, 13), 0.0005367241],
    ['whales and sharks (scipy.stats.fisher_exact)', of(8, 10), of(1, 6), 0.034965035],
    ['0 of 30 against 6 of 30', of(0, 30), of(6, 30), 0.0237207039],
    ['10 of 10,000 against 31 of 10,000', of(10, 10_000), of(31, 10_000), 0.0014347416],
    ['nothing happened', of(0, 5), of(0, 9), 1],
  ])('gives what is published: %s', (_, a, b, p) => {
    expect(fisherExact(a, b)).toBeCloseTo(p, 8);
    expect(fisherExact(b, a)).toBeCloseTo(p, 8);
  });
});
