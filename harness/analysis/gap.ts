/**
 * The gap: Thaw's own share of the freeze, from wait() of the checkpoint to exec of the restore, without what the images
 * took to get to the destination.
 */
import type { BoundedMs, Interval, MigrationObservation, OrUnknown } from '../model.ts';
import { unknown } from './intervals.ts';
import { micro } from './statistics.ts';

export function gapOf({ steps }: MigrationObservation): OrUnknown<BoundedMs> {
  const { checkpoint, restore, transfer } = steps;
  if (checkpoint === undefined) return unknown('the checkpoint did not run');
  if (restore === undefined) return unknown('the restore did not run');
  const { exit } = checkpoint;
  const { exec } = restore;
  if (transfer !== undefined) {
    const before = between(exit, transfer.exec);
    const after = between(transfer.exit, exec);
    return {
      ms: micro(before.ms + after.ms),
      atLeastMs: micro(before.atLeastMs + after.atLeastMs),
      atMostMs: micro(before.atMostMs + after.atMostMs),
    };
  }
  return between(exit, exec);
}

/** How long the images were on their way; null where they went by the share. */
export function transferOf({
  steps: { transfer },
  outcome,
}: MigrationObservation): OrUnknown<BoundedMs> | null {
  if (transfer === undefined) return null;
  return outcome.state === 'failed' && transfer.status !== 0
    ? unknown('the transfer failed')
    : between(transfer.exec, transfer.exit);
}

function between(exit: Interval, exec: Interval): BoundedMs {
  return {
    // wait() has returned just before its stamp, and exec follows its stamp at once.
    ms: micro(Math.max(0, exec.earliest - exit.earliest)),
    atLeastMs: micro(Math.max(0, exec.earliest - exit.latest)),
    atMostMs: micro(Math.max(0, exec.latest - exit.earliest)),
  };
}
