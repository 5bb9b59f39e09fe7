/** How much larger the candidate's values are than the base's, with a 95 % interval. */
import type { Change } from './comparison.ts';
import type { Stratum } from './ranks.ts';
import { shiftOf } from './shift.ts';

/** Null where the base has nothing of it and the candidate may have: no ratio says how much more that is. */
export function changeOf(strata: readonly Stratum[]): Change | null {
  const positive = strata.every(({ base, candidate }) => [...base, ...candidate].every((value) => value > 0));
  return positive ? changeOfPairs(strata) : changeOfMeans(strata);
}

/** On a logarithmic scale a shift is a ratio. */
function changeOfPairs(strata: readonly Stratum[]): Change | null {
  const logs = strata.map(({ base, candidate }) => ({
    base: base.map(Math.log),
    candidate: candidate.map(Math.log),
  }));
  const shift = shiftOf(logs);
  if (shift === null) return null;
  const fraction = (log: number | null): number | null => (log === null ? null : rounded(Math.expm1(log)));
  return {
    of: 'pairs',
    estimate: rounded(Math.expm1(shift.estimate)),
    low: fraction(shift.low),
    high: fraction(shift.high),
  };
}

/** With Welch's interval of the difference, over the mean of the base. */
function changeOfMeans(strata: readonly Stratum[]): Change | null {
  const base = momentsOf(strata.flatMap((stratum) => stratum.base));
  const candidate = momentsOf(strata.flatMap((stratum) => stratum.candidate));
  if (!(base.mean > 0) || Number.isNaN(candidate.mean)) {
    return base.mean === 0 && candidate.mean === 0 ? { of: 'means', estimate: 0, low: 0, high: 0 } : null;
  }
  const by = candidate.mean - base.mean;
  const half = 1.959964 * Math.sqrt(base.errorSquared + candidate.errorSquared);
  const over = (value: number): number | null => (Number.isFinite(value) ? rounded(value / base.mean) : null);
  return { of: 'means', estimate: rounded(by / base.mean), low: over(by - half), high: over(by + half) };
}

/** To a ten-thousandth of a percent. */
function rounded(fraction: number): number {
  return Number(fraction.toFixed(6));
}

/** The mean, and the square of its standard error; NaN where there are too few values. */
function momentsOf(values: readonly number[]): { mean: number; errorSquared: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, errorSquared: squares / (values.length - 1) / values.length };
}
