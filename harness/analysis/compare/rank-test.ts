/**
 * Mann–Whitney U, two-sided. Over several strata: van Elteren's sum of it (P. van Elteren, On the combination of
 * independent two-sample tests of Wilcoxon, 1960), which for one stratum is U itself.
 */
import { gammaln } from 'simple-statistics';
import { normalUpperTail } from './normal.ts';
import { comparable, pairsWon, type Stratum, varianceOfU, weightOf } from './ranks.ts';

export interface RankTest {
  /** Of the candidate, over all strata. */
  u: number;
  /** Two-sided. Exact below 50 values a group without ties, else by the normal distribution, as R's wilcox.test. */
  p: number;
  /** The smallest p that groups of these sizes could give. */
  attainableP: number;
}

/** Null where no stratum has values of both groups. */
export function rankTest(strata: readonly Stratum[]): RankTest | null {
  const parts = comparable(strata).map(partOf);
  if (parts.length === 0) return null;
  const u = parts.reduce((sum, part) => sum + part.u, 0);
  return { u, p: isExact(parts) ? exactP(parts) : normalP(parts), attainableP: attainableP(parts) };
}

/** The smallest two-sided p of a test between groups of `m` and `n`: all of one are larger than all of the other. */
export function smallestP(m: number, n: number): number {
  return Math.min(1, 2 * Math.exp(-logWays(m, n)));
}

interface Part {
  stratum: Stratum;
  u: number;
  weight: number;
  ties: number;
}

function partOf(stratum: Stratum): Part {
  return { stratum, u: pairsWon(stratum), weight: weightOf(stratum), ties: tiesOf(stratum) };
}

/** The sum of t³ − t over the sets of t equal values. */
function tiesOf({ base, candidate }: Stratum): number {
  const all = Float64Array.from([...base, ...candidate]).sort();
  let sum = 0;
  for (let from = 0, to = 0; from < all.length; from = to) {
    while (to < all.length && all[to] === all[from]) to++;
    sum += (to - from) ** 3 - (to - from);
  }
  return sum;
}

const EXACT_BELOW = 50;
const MOST_OUTCOMES = 100_000;

function isExact(parts: readonly Part[]): boolean {
  const sizes = parts.map(({ stratum }) => [stratum.base.length, stratum.candidate.length] as const);
  const outcomes = sizes.reduce((product, [m, n]) => product * (m * n + 1), 1);
  const small = sizes.flat().every((size) => size < EXACT_BELOW);
  return small && outcomes <= MOST_OUTCOMES && parts.every(({ ties }) => ties === 0);
}

/** Weighted distance of all U from what is expected where the groups do not differ. */
function distance(parts: readonly Part[]): number {
  return parts.reduce((sum, { stratum, u, weight }) => sum + weight * (u - expected(stratum)), 0);
}

function expected({ base, candidate }: Stratum): number {
  return (base.length * candidate.length) / 2;
}

function normalP(parts: readonly Part[]): number {
  const variance = parts.reduce(
    (sum, { stratum, weight, ties }) => sum + weight ** 2 * varianceOfU(stratum, ties),
    0,
  );
  if (variance <= 0) return 1;
  // The correction for continuity is known for one stratum only.
  const [only] = parts;
  const correction = parts.length === 1 && only !== undefined ? only.weight / 2 : 0;
  const away = Math.max(0, Math.abs(distance(parts)) - correction);
  return Math.min(1, 2 * normalUpperTail(away / Math.sqrt(variance)));
}

/** The probability of all outcomes that are as far from the expected one as what was observed. */
function exactP(parts: readonly Part[]): number {
  let outcomes = [{ away: 0, probability: 1 }];
  for (const { stratum, weight } of parts) {
    const chances = distributionOfU(stratum.candidate.length, stratum.base.length);
    const middle = expected(stratum);
    outcomes = outcomes.flatMap(({ away, probability }) =>
      Array.from(chances, (chance, u) => ({
        away: away + weight * (u - middle),
        probability: probability * chance,
      })),
    );
  }
  const observed = Math.abs(distance(parts)) - 1e-9;
  let p = 0;
  for (const { away, probability } of outcomes) if (Math.abs(away) >= observed) p += probability;
  return Math.min(1, p);
}

/** The probability of each U from 0 to m·n where the groups do not differ: by counting, rank after rank. */
function distributionOfU(m: number, n: number): Float64Array {
  const ways = Array.from({ length: m + 1 }, () => new Float64Array(m * n + 1));
  (ways[0] as Float64Array)[0] = 1;
  for (let rank = 1; rank <= m + n; rank++) {
    for (let k = Math.min(rank, m); k >= Math.max(1, rank - n); k--) {
      const [from, to, others] = [ways[k - 1] as Float64Array, ways[k] as Float64Array, rank - k];
      for (let u = k * n; u >= others; u--) to[u] = (to[u] as number) + (from[u - others] as number);
    }
  }
  const all = Math.exp(logWays(m, n));
  return (ways[m] as Float64Array).map((count) => count / all);
}

function attainableP(parts: readonly Part[]): number {
  const log = parts.reduce(
    (sum, { stratum }) => sum + logWays(stratum.candidate.length, stratum.base.length),
    0,
  );
  return Math.min(1, 2 * Math.exp(-log));
}

/** The logarithm of the number of ways to choose m of m + n. */
function logWays(m: number, n: number): number {
  return gammaln(m + n + 1) - gammaln(m + 1) - gammaln(n + 1);
}
