/**
 * The frozen window: tasks stopped on the source until tasks running on the destination, both ends as intervals on
 * the common clock, and what the time between was spent on.
 */
import type {
  FreezerReading,
  FrozenWindow,
  Interval,
  LogLine,
  MigrationFiles,
  MigrationObservation,
  OrUnknown,
} from '../model.ts';
import { writerOf } from './anchor.ts';
import { freezes } from './freezer.ts';
import { gapOf, transferOf } from './gap.ts';
import { between, intersect, interval, isUnknown, middle, roundInterval, unknown } from './intervals.ts';
import type { Place } from './order.ts';
import { dumpPlaces, restorePlaces } from './places.ts';
import { micro } from './statistics.ts';

// CRIU, seize.c, freeze_processes: said before it writes FROZEN, polls the freezer, and then seizes each task.
const FREEZE_BEGINS = /^freezing (cgroup|processes)/;
const FREEZE_ENDS = /^(freezer\.state=FROZEN|freezing processes: \d+ attempts done|SEIZE \d+.*success)/;
// Without a freezer cgroup tasks are stopped one by one, and each is told when it and its children are.
const FIRST_SEIZED = /^Seized task/;
const COLLECTED = /^Collected \d+ in/;
// CRIU, cr-restore.c, restore_root_task: detaches from all tasks, and says so at once.
const RESUMED = /^Restore finished successfully/;

export function frozenWindow(
  observation: MigrationObservation,
  files: Pick<MigrationFiles, 'dumpLog' | 'restoreLog' | 'dropped'>,
): OrUnknown<FrozenWindow> {
  const { checkpoint, restore } = observation.steps;
  if (observation.outcome.state === 'failed')
    return unknown(`the migration failed at ${observation.outcome.phase}`);
  if (checkpoint === undefined || restore === undefined) return unknown('a command did not run');
  if (files.dumpLog === null || files.restoreLog === null)
    return files.dropped?.frozenWindow ?? unknown('a log of CRIU is missing');
  const dumped = dumpPlaces(observation, files.dumpLog);
  const restored = restorePlaces(observation, files.restoreLog);
  if (dumped === null || restored === null) return unknown('a log of CRIU is empty');
  const gap = gapOf(observation);
  if (isUnknown(gap)) return gap;
  const stopped = stoppedAt(files.dumpLog, dumped, observation.freezer);
  const resumed = resumedAt(files.restoreLog, restored);
  if (stopped === null) return unknown('dump.log does not say when tasks were stopped');
  if (resumed === null) return unknown('restore.log does not say when tasks ran again');
  // To be runnable is not to run: the scheduler takes its time, but not longer than runc takes to end.
  const running = { earliest: resumed.earliest, latest: Math.max(resumed.latest, restore.exit.latest) };
  const ms = micro(Math.max(0, middle(resumed) - middle(stopped)));
  const lazy = observation.steps['page-server'] !== undefined;
  const dumpEnd = middle(lazy ? checkpoint.exit : dumped(files.dumpLog.at(-1) ?? null));
  const criuDumpMs = micro(Math.max(0, dumpEnd - middle(stopped)));
  const criuRestoreMs = micro(Math.max(0, middle(resumed) - middle(restored(null))));
  const transfer = transferOf(observation);
  const transferMs = transfer === null || isUnknown(transfer) ? 0 : transfer.ms;
  return {
    window: { ...between(stopped, running), ms },
    stopped: roundInterval(stopped),
    running: roundInterval(running),
    criuDumpMs,
    criuRestoreMs,
    // What is left is the runtime's: after CRIU on the source, and before CRIU on the destination.
    runtimeMs: micro(ms - criuDumpMs - criuRestoreMs - gap.ms - transferMs),
    gap,
    transferMs,
  };
}

/** All tasks are stopped: between the line before it begins and the first after it, and as the freezer was seen. */
function stoppedAt(log: readonly LogLine[], at: Place, freezer: readonly FreezerReading[]): Interval | null {
  const begins = log.findIndex(({ text }) => FREEZE_BEGINS.test(text));
  if (begins === -1) return seizedAt(log, at);
  const ends = log.find(({ text }, i) => i > begins && FREEZE_ENDS.test(text));
  if (ends === undefined) return null;
  const byLog = {
    earliest: at(log[begins] as LogLine).earliest,
    latest: at(ends).latest,
  };
  // A dump that was tried again froze more than once: only what the log allows counts.
  const seen = freezes(freezer)
    .map((freeze) => intersect(byLog, freeze))
    .filter((both) => both !== null);
  const [first] = seen;
  if (first === undefined) return byLog;
  return interval(first.earliest, ...seen.flatMap(({ earliest, latest }) => [earliest, latest]));
}

function seizedAt(log: readonly LogLine[], at: Place): Interval | null {
  const first = log.findIndex(({ text }) => FIRST_SEIZED.test(text));
  const last = log.findLast(({ text }) => COLLECTED.test(text));
  if (first === -1 || last === undefined) return null;
  return { earliest: at(log[first - 1] ?? null).earliest, latest: at(last).latest };
}

/** CRIU let the tasks go: between its own line before and the one that says it. */
function resumedAt(log: readonly LogLine[], at: Place): Interval | null {
  const index = log.findIndex(({ text }) => RESUMED.test(text));
  const resumed = log[index];
  if (resumed === undefined) return null;
  const before = log.slice(0, index).findLast(({ text }) => writerOf(text) === '');
  return { earliest: at(before ?? null).earliest, latest: at(resumed).latest };
}
