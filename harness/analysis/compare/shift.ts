/**
 * How far the candidate's values lie from the base's: Hodges and Lehmann's estimate with the interval that inverts
 * the rank test (Hollander and Wolfe, Nonparametric Statistical Methods, chapter 4). Of one stratum it is the median
 * of the differences of all pairs. It belongs to the test: where the interval does not hold 0, p is below 0.05.
 */
import { comparable, pairsWon, type Stratum, varianceOfU, weightOf } from './ranks.ts';

/** Bounds are null where too few values leave that side open. */
export interface Shift {
  estimate: number;
  low: number | null;
  high: number | null;
}

/** Null where no stratum has values of both groups. */
export function shiftOf(strata: readonly Stratum[]): Shift | null {
  const parts = comparable(strata).map((stratum) => ({ stratum, weight: weightOf(stratum) }));
  if (parts.length === 0) return null;
  const won = (shift: number): number =>
    parts.reduce((sum, { stratum, weight }) => sum + weight * pairsWon(stratum, shift), 0);
  const half = parts.reduce(
    (sum, { stratum, weight }) => sum + (weight * stratum.base.length * stratum.candidate.length) / 2,
    0,
  );
  const sd = Math.sqrt(
    parts.reduce((sum, { stratum, weight }) => sum + weight ** 2 * varianceOfU(stratum), 0),
  );
  const range = rangeOf(parts.map(({ stratum }) => stratum));
  const away = Z_95 * sd;
  return {
    // Between the two there may be a stretch on which neither group wins.
    estimate:
      (turn(range, (shift) => won(shift) > half + EQUAL) +
        turn(range, (shift) => won(shift) >= half - EQUAL)) /
      2,
    low: 2 * half > half + away ? turn(range, (shift) => won(shift) > half + away) : null,
    high: 2 * half > half + away ? turn(range, (shift) => won(shift) >= half - away) : null,
  };
}

const Z_95 = 1.959964;
/** Sums of weighted counts that differ by less are the same. */
const EQUAL = 1e-9;
/** Of the range, to 2⁻⁴⁴ of it: far below what is ever told. */
const HALVINGS = 44;

type Range = readonly [number, number];

/** All differences lie strictly between the two. */
function rangeOf(strata: readonly Stratum[]): Range {
  const ends = strata.map(({ base, candidate }) => ({
    low: (candidate[0] as number) - (base.at(-1) as number),
    high: (candidate.at(-1) as number) - (base[0] as number),
  }));
  const [low, high] = [Math.min(...ends.map((end) => end.low)), Math.max(...ends.map((end) => end.high))];
  const margin = (Math.abs(low) + Math.abs(high) + Number.MIN_VALUE) * 1e-6;
  return [low - margin, high + margin];
}

/** Where `holds` turns from true to false, as the shift grows. */
function turn([from, to]: Range, holds: (shift: number) => boolean): number {
  let [low, high] = [from, to];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return high;
}
