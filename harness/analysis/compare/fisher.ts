/** Fisher's exact test of a 2 × 2 table. */
import { gammaln } from 'simple-statistics';

export interface Share {
  /** How many of `total` it happened to. */
  count: number;
  total: number;
}

/** Two-sided p: the probability of all tables with these margins that are at most as likely as this one, as R's fisher.test. */
export function fisherExact(a: Share, b: Share): number {
  const [total, happened] = [a.total + b.total, a.count + b.count];
  const first = Math.max(0, happened - b.total);
  const last = Math.min(a.total, happened);
  const logOf = (count: number): number =>
    logChoose(a.total, count) + logChoose(b.total, happened - count) - logChoose(total, happened);
  const asLikely = logOf(a.count) + ROUNDING;
  let p = 0;
  for (let count = first; count <= last; count++) {
    const log = logOf(count);
    if (log <= asLikely) p += Math.exp(log);
  }
  return Math.min(1, p);
}

/** Tables that are equally likely differ by no more than this. */
const ROUNDING = 1e-7;

function logChoose(n: number, k: number): number {
  return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1);
}
