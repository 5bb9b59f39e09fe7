/** When pre-dumps have brought what they can. */
import type { PreDumpPlan } from '../model.ts';

/** One that has not written so much less than the one before: what is left changes as fast as it is dumped. */
const SHRINKS_TO = 0.9;
const MIB = 1_048_576;

/** `sizes`: bytes of the pages of each pre-dump so far; of one that is not known nothing follows. */
export function hasConverged(
  sizes: readonly (number | null)[],
  { belowMiB }: NonNullable<PreDumpPlan['until']>,
): boolean {
  const last = sizes.at(-1) ?? null;
  const before = sizes.at(-2) ?? null;
  if (last === null) return false;
  if (belowMiB !== null && last < belowMiB * MIB) return true;
  return before !== null && last > before * SHRINKS_TO;
}
