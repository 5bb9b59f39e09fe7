/** Reads back what a bundle's heartbeat noted, onto the common clock. */
import { type Clock, wallMinusMonotonicMs } from '../../clock.ts';
import type { Host } from '../../host/host.ts';
import type { Instant, RunTail } from '../../model.ts';
import { HEARTBEAT_DIRECTORY } from './prepare.ts';

/** Name of its notes in HEARTBEAT_DIRECTORY. */
export const HEARTBEAT_FILE = 'pauses';

/**
 * The pauses, or null where there are no notes. The heartbeat notes the wall clock, since a restored container
 * lives in a time namespace in which CLOCK_MONOTONIC does not show the freeze; hosts that share this machine's
 * kernel share its wall clock. A step of the wall clock during the run shows as a difference of the two offsets.
 */
export async function readHeartbeat(hosts: readonly Host[], clock: Clock): Promise<RunTail['heartbeat']> {
  for (const host of hosts) {
    const notes = await host
      .get(`${HEARTBEAT_DIRECTORY}/${HEARTBEAT_FILE}`, 64 * 1024 * 1024)
      .catch(() => null);
    if (notes === null) continue;
    const offsetMs = (clock.wallOffsetMs + wallMinusMonotonicMs()) / 2;
    const originMs = Number(clock.originNs) / 1e6;
    return parseHeartbeat(notes.toString(), (wallUs) => round(wallUs / 1_000 - offsetMs - originMs));
  }
  return null;
}

/** Notes: `period MICROSECONDS` once, then `BEFORE AFTER` in wall-clock microseconds for each pause. */
export function parseHeartbeat(notes: string, instant: (wallUs: number) => Instant): RunTail['heartbeat'] {
  const lines = notes.trim().split('\n');
  const period = /^period (\d+)$/.exec(lines[0] ?? '')?.[1];
  if (period === undefined) return null;
  const pauses = lines.slice(1).flatMap((line) => {
    const pair = /^(\d+) (\d+)$/.exec(line);
    return pair === null ? [] : [{ earliest: instant(Number(pair[1])), latest: instant(Number(pair[2])) }];
  });
  return { periodMs: Number(period) / 1_000, pauses };
}

function round(ms: number): Instant {
  return Math.round(ms * 1_000) / 1_000;
}
