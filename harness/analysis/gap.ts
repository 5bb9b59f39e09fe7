/** The gap: Thaw's own share of the freeze, from wait() of the checkpoint to exec of the restore. */
import type { BoundedMs, MigrationObservation, OrUnknown } from '../model.ts';
import { unknown } from './intervals.ts';
import { micro } from './statistics.ts';

export function gapOf({ steps }: MigrationObservation): OrUnknown<BoundedMs> {
  const { checkpoint, restore } = steps;
  if (checkpoint === undefined) return unknown('the checkpoint did not run');
  if (restore === undefined) return unknown('the restore did not run');
  const { exit } = checkpoint;
  const { exec } = restore;
  return {
    // wait() has returned just before its stamp, and exec follows its stamp at once.
    ms: micro(Math.max(0, exec.earliest - exit.earliest)),
    atLeastMs: micro(Math.max(0, exec.earliest - exit.latest)),
    atMostMs: micro(Math.max(0, exec.latest - exit.earliest)),
  };
}
