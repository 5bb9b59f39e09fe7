/**
 * Looks at CRIU's log and the container's freezer about once a millisecond while a migration goes on. Each look
 * is bounded by two readings of the common clock; that is what makes the frozen window's ends intervals.
 */
import type { Clock } from '../clock.ts';
import type { Host } from '../host/host.ts';
import type { FreezerReading, SizeReading } from '../model.ts';
import type { Observer } from '../testbed/testbed.ts';

export interface Watch {
  /** From now on looks at the destination's log instead of the source's. */
  turnToRestore(): void;
  stop(): { dumpLog: SizeReading[]; restoreLog: SizeReading[]; freezer: FreezerReading[] };
}

export interface WatchTargets {
  source: Observer;
  destination: Observer;
  /** Directory of the container's freezer cgroup on the source; null where it is not known. */
  freezer: string | null;
  dumpLog: string;
  restoreLog: string;
}

const INTERVAL_MS = 1;
const READINGS_KEPT = 48;

export function watch(targets: WatchTargets, clock: Clock): Watch {
  const dumpFile = targets.source.fileSize(targets.dumpLog);
  const restoreFile = targets.destination.fileSize(targets.restoreLog);
  const freezerFile = targets.source.freezer(targets.freezer);
  const dumpLog: SizeReading[] = [];
  const restoreLog: SizeReading[] = [];
  const freezer: FreezerReading[] = [];
  let restoring = false;
  let timer: NodeJS.Timeout | undefined;

  const lookAtLog = (file: ReturnType<Observer['fileSize']>, readings: SizeReading[]): void => {
    const beforeMs = clock.now();
    const bytes = file.look();
    if (bytes === null || bytes === 0 || bytes === readings.at(-1)?.bytes) return;
    readings.push({ beforeMs, afterMs: clock.now(), bytes });
  };
  const lookAtFreezer = (): void => {
    const beforeMs = clock.now();
    const frozen = freezerFile.look();
    if (frozen === null) return;
    const reading = { beforeMs, afterMs: clock.now(), frozen };
    // Only the readings on both sides of a change count: of equal ones the first and the newest stay.
    if (freezer.at(-1)?.frozen === frozen && freezer.at(-2)?.frozen === frozen) freezer.pop();
    freezer.push(reading);
  };
  const turn = (): void => {
    if (restoring) lookAtLog(restoreFile, restoreLog);
    else {
      lookAtFreezer();
      lookAtLog(dumpFile, dumpLog);
    }
    timer = setTimeout(turn, INTERVAL_MS);
  };
  turn();

  return {
    turnToRestore() {
      restoring = true;
    },
    stop() {
      clearTimeout(timer);
      lookAtLog(restoreFile, restoreLog);
      for (const file of [dumpFile, restoreFile, freezerFile]) file.close();
      return { dumpLog: thinned(dumpLog), restoreLog: thinned(restoreLog), freezer };
    },
  };
}

/** Directory of a container's freezer, as runc itself noted it; null where it notes none. */
export async function freezerOf(host: Host, id: string): Promise<string | null> {
  const state = await host.get(`/run/runc/${id}/state.json`, 1024 * 1024).catch(() => null);
  if (state === null) return null;
  const { cgroup_paths: paths } = JSON.parse(state.toString()) as { cgroup_paths?: Record<string, string> };
  // On v1 a path for each controller; on v2 one, under the empty name.
  return paths?.freezer ?? paths?.[''] ?? null;
}

/** At most READINGS_KEPT: the narrowest, since those bound best, in their order. */
function thinned(readings: SizeReading[]): SizeReading[] {
  if (readings.length <= READINGS_KEPT) return readings;
  const width = (r: SizeReading): number => r.afterMs - r.beforeMs;
  const narrowest = new Set([...readings].sort((a, b) => width(a) - width(b)).slice(0, READINGS_KEPT));
  return readings.filter((reading) => narrowest.has(reading));
}
