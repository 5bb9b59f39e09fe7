/** The heartbeat's ground truth: the freeze as the container lived it, against the frozen window as observed. */
import type { FrozenWindow, MigrationObservation, MigrationResult, OrUnknown, RunTail } from '../model.ts';
import { isUnknown, unknown } from './intervals.ts';
import { micro } from './statistics.ts';

/**
 * The largest pause that overlaps the migration. The heartbeat looks once a period, so the true freeze lies between
 * the pause less a period and the pause; `inside` tells whether that and the frozen window's interval meet.
 */
export function heartbeatOf(
  { begunMs, endedMs, clocks }: MigrationObservation,
  tail: RunTail | null,
  window: OrUnknown<FrozenWindow>,
): MigrationResult['heartbeat'] {
  if (tail === null) return unknown('the heartbeat is read when the run ends');
  if (isUnknown(window)) return window;
  // It notes the wall clock, on one host before the freeze and on the other after.
  if (clocks.length > 0) return unknown('the heartbeat notes the wall clock, and the hosts have one each');
  const { heartbeat } = tail;
  if (heartbeat === null) return unknown('the bundle carries no heartbeat');
  const pauses = heartbeat.pauses
    .filter(({ earliest, latest }) => latest >= begunMs && earliest <= endedMs)
    .map(({ earliest, latest }) => latest - earliest);
  if (pauses.length === 0) return unknown('the heartbeat noted no pause');
  const pauseMs = micro(Math.max(...pauses));
  const resolutionMs = heartbeat.periodMs;
  const inside = window.window.atLeastMs <= pauseMs && window.window.atMostMs >= pauseMs - resolutionMs;
  return { pauseMs, resolutionMs, inside };
}
