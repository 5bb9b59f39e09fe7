/** Two groups of values, kept apart where they must not be compared with each other. */
import { sorted } from '../statistics.ts';

/** Values of both groups that may be compared; one test takes several of them together. */
export interface Stratum {
  base: readonly number[];
  candidate: readonly number[];
}

/**
 * Mann and Whitney's U of the candidate after `shift` was taken from each of its values: the pairs in which the
 * candidate's value is the larger one, equal ones counted half. Both lists in ascending order.
 */
export function pairsWon({ base, candidate }: Stratum, shift = 0): number {
  let smaller = 0;
  let notLarger = 0;
  let won = 0;
  for (const value of candidate) {
    const shifted = value - shift;
    while (smaller < base.length && (base[smaller] as number) < shifted) smaller++;
    while (notLarger < base.length && (base[notLarger] as number) <= shifted) notLarger++;
    won += (smaller + notLarger) / 2;
  }
  return won;
}

/** Both lists of each stratum in ascending order; strata in which one group has nothing say nothing. */
export function comparable(strata: readonly Stratum[]): Stratum[] {
  return strata
    .filter(({ base, candidate }) => base.length > 0 && candidate.length > 0)
    .map(({ base, candidate }) => ({ base: sorted(base), candidate: sorted(candidate) }));
}

/** Van Elteren's weight of a stratum, with which strata of unequal sizes lose the least power. */
export function weightOf({ base, candidate }: Stratum): number {
  return 1 / (base.length + candidate.length + 1);
}

/** The variance of U where the groups do not differ; `ties`: the sum of t³ − t over sets of t equal values. */
export function varianceOfU({ base, candidate }: Stratum, ties = 0): number {
  const [m, n] = [candidate.length, base.length];
  const all = m + n;
  return all < 2 ? 0 : ((m * n) / 12) * (all + 1 - ties / (all * (all - 1)));
}
