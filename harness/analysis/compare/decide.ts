/** From p values to verdicts: the correction for many comparisons, and what a difference must be to count. */
import type { ComparisonVerdict } from './comparison.ts';
import { holm } from './holm.ts';
import { smallestP } from './rank-test.ts';

/** One comparison before it is known how many others there are. */
export interface Evidence {
  /** Null: there is nothing to compare. */
  p: number | null;
  /**
   * False where all values on both sides are the same: whatever the groups, that could never be called a difference,
   * and so it is none of the comparisons that are corrected for (R. Tarone, A modified Bonferroni method for discrete
   * data, 1990).
   */
  canDiffer: boolean;
  /** The smallest p that so many migrations could give. */
  attainableP: number;
  /** Migrations on the side that has fewer. */
  fewest: number;
  /** The candidate against the base: 0.05 is 5 % more; Infinity where the base has nothing of it. */
  change: number;
  /** The change that the difference between runs of one side explains; null where that is not known. */
  changeByRuns: number | null;
  /** Why there is nothing to compare, where that is so. */
  because: string;
}

export interface Decision {
  p: number | null;
  pAdjusted: number | null;
  verdict: ComparisonVerdict;
  why: string;
}

export interface Limits {
  /** How often a difference may be called where there is none, over all comparisons together. */
  alpha: number;
  /** The least relative change that counts: 0.05 is 5 %. */
  threshold: number;
}

/**
 * Decisions in the order of the evidence, and for how many comparisons they were corrected. By Holm: one check that
 * fails by chance costs a person's day, so it is the chance of any that is kept below alpha. Benjamini and Hochberg
 * would keep the share of false ones among all that are called, and let a true improvement buy a false regression.
 */
export function decide(
  evidence: readonly Evidence[],
  limits: Limits,
): { decisions: Decision[]; comparisons: number } {
  const counted = evidence.flatMap(({ p, canDiffer }) => (p !== null && canDiffer ? [p] : []));
  const adjusted = holm(counted);
  const comparisons = counted.length;
  let next = 0;
  const decisions = evidence.map((one): Decision => {
    if (one.p === null) return { p: null, pAdjusted: null, verdict: 'unknown', why: one.because };
    const pAdjusted = one.canDiffer ? (adjusted[next++] as number) : 1;
    const told = judge(one, pAdjusted, { ...limits, comparisons: Math.max(1, comparisons) });
    return { p: significant(one.p), pAdjusted: significant(pAdjusted), ...told };
  });
  return { decisions, comparisons };
}

/** The worst of several: a regression that was found stands, whatever else is unknown. */
export function worstOf(verdicts: readonly ComparisonVerdict[]): ComparisonVerdict {
  return WORST_FIRST.find((verdict) => verdicts.includes(verdict)) ?? 'unknown';
}

const WORST_FIRST: readonly ComparisonVerdict[] = ['regressed', 'unknown', 'improved', 'no difference shown'];

function judge(
  one: Evidence,
  pAdjusted: number,
  { alpha, threshold, comparisons }: Limits & { comparisons: number },
): Pick<Decision, 'verdict' | 'why'> {
  if (pAdjusted < alpha) return judgeSize(one, threshold);
  if (one.attainableP * comparisons >= alpha) {
    const needed = neededEach(alpha / comparisons, one.fewest);
    return { verdict: 'unknown', why: `too few migrations: ${needed} are needed on each side` };
  }
  const why = one.canDiffer ? 'not significant' : 'the same in all migrations of both';
  return { verdict: 'no difference shown', why };
}

function judgeSize({ change, changeByRuns }: Evidence, threshold: number): Pick<Decision, 'verdict' | 'why'> {
  const no = (why: string) => ({ verdict: 'no difference shown' as const, why: `significant, but ${why}` });
  if (Math.abs(change) <= threshold) return no(`a change of no more than ${percent(threshold)}`);
  if (Math.abs(Math.log1p(change)) <= Math.log1p(changeByRuns ?? 0)) {
    return no(`the difference between runs of one side explains up to ${percent(changeByRuns ?? 0)}`);
  }
  const why = `significant, and a change of more than ${percent(threshold)}`;
  return { verdict: change > 0 ? 'regressed' : 'improved', why };
}

/** How many on each side could give a p below `alpha`, where so many could not. */
function neededEach(alpha: number, fewest: number): number {
  let each = fewest + 1;
  while (smallestP(each, each) >= alpha) each++;
  return each;
}

/** Six digits: more would differ between machines. */
function significant(p: number): number {
  return Number(p.toPrecision(6));
}

function percent(fraction: number): string {
  return `${Number((fraction * 100).toPrecision(3))} %`;
}
