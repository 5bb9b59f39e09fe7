import { expect, it } from 'vitest';
import { holm } from '../../../harness/analysis/compare/holm.ts';

it('gives the adjusted values of the published example, in the order of the given ones', () => {
  const rounded = holm([0.01, 0.04, 0.03, 0.005]).map((p) => Number(p.toFixed(9)));
  // R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
  expect(rounded).toEqual([0.03, 0.06, 0.06, 0.02]);
});

it('never says more than 1, and nothing of nothing', () => {
  expect(holm([0.5, 0.9])).toEqual([1, 1]);
  expect(holm([])).toEqual([]);
});
