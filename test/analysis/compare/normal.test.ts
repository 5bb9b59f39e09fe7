import { expect, it } from 'vitest';
import { normalUpperTail } from '../../../harness/analysis/compare/normal.ts';

it.each([
  [0, 0.5],
  [1.96, 0.0249978951],
  [2.9999, 0.001350341283],
  [3, 0.001349898032],
  [6, 9.86587645e-10],
  [12, 1.776482112e-33],
])('P(Z > %d) is %d', (z, p) => {
  expect(normalUpperTail(z) / p).toBeCloseTo(1, 8);
});
