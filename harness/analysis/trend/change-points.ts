/**
 * Where a series changes: segmentation by ranks. Each stretch is split where the two sides' rank sums lie farthest
 * apart (A. Pettitt, A non-parametric approach to the change-point problem, 1979, standardised for each place), or
 * where an inner part lies farthest from all around it (A. Olshen and others, Circular binary segmentation, 2004):
 * what became slow and was mended is hidden from the first of the two. Whether that is chance is told by
 * permutations, which know of no distribution.
 */
import { smallestP } from '../compare/rank-test.ts';
import { mulberry32 } from '../statistics.ts';

/** A stretch `[from, to)` of the series that was tested, and where it would be split best. */
export interface Split {
  from: number;
  to: number;
  /** The first values after its change, or after both ends of an inner part. */
  at: number[];
  p: number;
  /** The stretches between, searched only where p is below alpha. */
  parts: Split[];
}

export interface Search {
  /** A stretch is searched on while p is below it. */
  alpha: number;
  /** No p is smaller than two over this. */
  permutations: number;
}

/** Fewer runs on one side are an outlier, and no level. */
export const FEWEST_RUNS = 3;

/** Null where the series is too short to be split, or all of it is the same. */
export function splitsOf(values: readonly number[], search: Search): Split | null {
  return splitStretch(values, { from: 0, to: values.length }, search);
}

/** The smallest p that `n` values could give: one half of them is larger than all of the other. */
export function attainableP(n: number): number {
  if (n < 2 * FEWEST_RUNS) return 1;
  const half = Math.floor(n / 2);
  // Of an odd number either half may be the longer one.
  return Math.min(1, SHAPES * smallestP(half, n - half) * (1 + (n % 2)));
}

/** A step and an inner part: the better of the two counts, so that its p is doubled (Bonferroni). */
const SHAPES = 2;
/** So many permutations at least as far apart tell enough (J. Besag and P. Clifford, Sequential Monte Carlo p-values, 1991). */
const ENOUGH = 50;
const SEED = 1;

function splitStretch(
  values: readonly number[],
  { from, to }: { from: number; to: number },
  search: Search,
): Split | null {
  if (attainableP(to - from) >= search.alpha) return null;
  const ranks = centredRanks(values.slice(from, to));
  if (ranks.every((rank) => rank === 0)) return null;
  const best = likelier(ranks, search.permutations);
  const p = Math.min(1, SHAPES * best.p);
  const at = best.at.map((place) => from + place);
  const ends = [from, ...at, to];
  const parts =
    p < search.alpha
      ? at
          .concat(to)
          .flatMap((end, i) => splitStretch(values, { from: ends[i] as number, to: end }, search) ?? [])
      : [];
  return { from, to, at, p, parts };
}

/** The step, unless an inner part is less likely to be chance. */
function likelier(ranks: Float64Array, permutations: number): { at: number[]; p: number } {
  const step = { at: farthestStep(ranks).at, p: permutationP(ranks, farthestStep, permutations) };
  if (step.p <= 1 / (permutations + 1)) return step;
  const inner = { at: farthestInner(ranks).at, p: permutationP(ranks, farthestInner, permutations) };
  return inner.p < step.p ? inner : step;
}

/** Ranks minus their mean; equal values share theirs. */
function centredRanks(values: readonly number[]): Float64Array {
  const order = values.map((_, i) => i).sort((a, b) => (values[a] as number) - (values[b] as number));
  const ranks = new Float64Array(values.length);
  for (let first = 0, next = 0; first < order.length; first = next) {
    const value = values[order[first] as number];
    while (next < order.length && values[order[next] as number] === value) next++;
    const rank = (first + next - 1) / 2 - (values.length - 1) / 2;
    for (const index of order.slice(first, next)) ranks[index] = rank;
  }
  return ranks;
}

/** `distance`: the square of the standardised rank sum of one side, up to a factor. */
interface Farthest {
  at: number[];
  distance: number;
}

/** The split into two. */
function farthestStep(ranks: Float64Array): Farthest {
  const n = ranks.length;
  let [at, distance, sum] = [FEWEST_RUNS, 0, 0];
  for (let left = 1; left <= n - FEWEST_RUNS; left++) {
    sum += ranks[left - 1] as number;
    if (left < FEWEST_RUNS) continue;
    const here = sum ** 2 / (left * (n - left));
    if (here > distance + EQUAL) [at, distance] = [left, here];
  }
  return { at: [at], distance };
}

/** The inner part, with runs on both sides of it. */
function farthestInner(ranks: Float64Array): Farthest {
  const n = ranks.length;
  let [from, to, distance] = [FEWEST_RUNS, 2 * FEWEST_RUNS, 0];
  for (let first = FEWEST_RUNS; first < n - FEWEST_RUNS; first++) {
    let sum = 0;
    for (let end = first + 1; end <= n - FEWEST_RUNS; end++) {
      sum += ranks[end - 1] as number;
      const inside = end - first;
      if (inside < FEWEST_RUNS) continue;
      const here = (sum * sum) / (inside * (n - inside));
      if (here > distance + EQUAL) {
        from = first;
        to = end;
        distance = here;
      }
    }
  }
  return { at: [from, to], distance };
}

/** Sums of the same ranks in another order differ by less. */
const EQUAL = 1e-9;

function permutationP(
  ranks: Float64Array,
  farthest: (ranks: Float64Array) => Farthest,
  permutations: number,
): number {
  const random = mulberry32(SEED);
  const observed = farthest(ranks).distance - EQUAL;
  const shuffled = ranks.slice();
  let asFar = 0;
  for (let made = 1; made <= permutations; made++) {
    shuffle(shuffled, random);
    if (farthest(shuffled).distance >= observed && ++asFar === ENOUGH) return asFar / made;
  }
  return (asFar + 1) / (permutations + 1);
}

/** Fisher and Yates. */
function shuffle(values: Float64Array, random: () => number): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const value = values[i] as number;
    values[i] = values[j] as number;
    values[j] = value;
  }
}
