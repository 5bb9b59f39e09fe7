/** Which values may be compared with which. */
import { fisherExact } from './fisher.ts';
import type { Stratum } from './ranks.ts';
import type { Reading } from './readings.ts';

export function strataOf(
  measurement: string,
  base: readonly Reading[],
  candidate: readonly Reading[],
): Stratum[] {
  if (FREEZE_INSIDE.has(measurement)) return byFreezing(base, candidate);
  return [{ base: base.map(figureOf), candidate: candidate.map(figureOf) }];
}

/** Measurements of which the freezing is a part. */
const FREEZE_INSIDE: ReadonlySet<string> = new Set([
  'frozen-window',
  'downtime',
  'lost',
  'longest-latency',
  'criu-dump',
]);

/** CRIU looks every 100 ms whether all tasks are frozen (criu/seize.c): it takes a few ms, or 100 ms more. */
const SLOW_FREEZING_MS = 50;
/** Below this p the candidate freezes slowly more, or less, often: then that is part of the difference. */
const SAME_MIX = 0.05;

/**
 * Quick and slow freezings each with their like, so that the chance of a poll does not hide a difference. Where
 * the candidate freezes slowly more or less often than the base, all are compared with all.
 */
function byFreezing(base: readonly Reading[], candidate: readonly Reading[]): Stratum[] {
  const [slowBase, slowCandidate] = [base.filter(isSlow), candidate.filter(isSlow)];
  const known = [...base, ...candidate].every(({ freezingMs }) => freezingMs !== null);
  const p = fisherExact(
    { count: slowBase.length, total: base.length },
    { count: slowCandidate.length, total: candidate.length },
  );
  const stratum = (b: readonly Reading[], c: readonly Reading[]): Stratum => ({
    base: b.map(figureOf),
    candidate: c.map(figureOf),
  });
  const mixed = slowBase.length > 0 && slowCandidate.length > 0;
  if (!known || !mixed || p < SAME_MIX) return [stratum(base, candidate)];
  const quick = (readings: readonly Reading[]): Reading[] => readings.filter((one) => !isSlow(one));
  return [stratum(quick(base), quick(candidate)), stratum(slowBase, slowCandidate)].filter(
    (one) => one.base.length + one.candidate.length > 0,
  );
}

function isSlow({ freezingMs }: Reading): boolean {
  return freezingMs !== null && freezingMs >= SLOW_FREEZING_MS;
}

function figureOf({ value }: Reading): number {
  return value;
}
