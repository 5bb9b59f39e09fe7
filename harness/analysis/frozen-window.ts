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
import { logZero } from './anchor.ts';
import { gapOf } from './gap.ts';
import { between, intersect, isUnknown, middle, roundInterval, shift, unknown } from './intervals.ts';
import { micro } from './statistics.ts';

// CRIU, seize.c: says it freezes, polls the freezer, then seizes each task.
const FREEZE_BEGINS = /^freezing (cgroup|processes)/;
const FREEZE_ENDS =
  /^(freezer\.state=FROZEN|freezing processes: \d+ attempts done|SEIZE \d+.*success|Seized task)/;
// CRIU, cr-restore.c: detaches from all tasks, and says so at once.
const RESUMED = /^Restore finished successfully/;

export function frozenWindow(
  observation: MigrationObservation,
  files: Pick<MigrationFiles, 'dumpLog' | 'restoreLog'>,
): OrUnknown<FrozenWindow> {
  const { checkpoint, restore } = observation.steps;
  if (observation.outcome.state === 'failed')
    return unknown(`the migration failed at ${observation.outcome.phase}`);
  if (checkpoint === undefined || restore === undefined) return unknown('a command did not run');
  if (files.dumpLog === null || files.restoreLog === null) return unknown('a log of CRIU is missing');
  const dumpZero = logZero(files.dumpLog, observation.dumpLog, checkpoint);
  const restoreZero = logZero(files.restoreLog, observation.restoreLog, restore);
  const gap = gapOf(observation);
  if (dumpZero === null || restoreZero === null) return unknown('a log of CRIU is empty');
  if (isUnknown(gap)) return gap;
  const stopped = stoppedAt(files.dumpLog, dumpZero, observation.freezer);
  const resumedMs = resumedAt(files.restoreLog, restoreZero);
  if (stopped === null) return unknown('dump.log does not say when tasks were stopped');
  if (resumedMs === null) return unknown('restore.log does not say when tasks ran again');
  const running = { earliest: resumedMs.earliest, latest: Math.max(resumedMs.latest, restore.exit.latest) };
  const bounds = between(stopped, running);
  const likely = middle(resumedMs);
  const window = { ...bounds, ms: micro(Math.max(0, likely - middle(stopped))) };
  const dumpEnd = middle(dumpZero) + (files.dumpLog.at(-1)?.offsetMs ?? 0);
  const criuDumpMs = micro(Math.max(0, dumpEnd - middle(stopped)));
  const criuRestoreMs = micro(Math.max(0, likely - middle(restoreZero)));
  return {
    window,
    stopped: roundInterval(stopped),
    running: roundInterval(running),
    criuDumpMs,
    criuRestoreMs,
    // What is left is runc's: after CRIU on the source, and before CRIU on the destination.
    runtimeMs: micro(window.ms - criuDumpMs - criuRestoreMs - gap.ms),
    gap,
  };
}

/** Between the line before the freeze and the first that tells it is done, and by the freezer if it was seen to turn. */
function stoppedAt(
  log: readonly LogLine[],
  zero: Interval,
  freezer: readonly FreezerReading[],
): Interval | null {
  const begins = log.find(({ text }) => FREEZE_BEGINS.test(text));
  const ends = log.find(
    ({ text, offsetMs }) => FREEZE_ENDS.test(text) && offsetMs >= (begins?.offsetMs ?? 0),
  );
  if (ends === undefined) return null;
  const byLog = {
    earliest: zero.earliest + (begins ?? ends).offsetMs,
    latest: zero.latest + ends.offsetMs,
  };
  const turned = firstFreeze(freezer);
  return turned === null ? byLog : (intersect(byLog, turned) ?? byLog);
}

function firstFreeze(freezer: readonly FreezerReading[]): Interval | null {
  const frozen = freezer.findIndex((reading) => reading.frozen);
  const before = freezer[frozen - 1];
  const after = freezer[frozen];
  if (before === undefined || after === undefined) return null;
  return { earliest: before.beforeMs, latest: after.afterMs };
}

/**
 * When CRIU let the tasks go: between the line before it detaches and the line that says so. From then on they may
 * run, but they run when the scheduler lets them. So the latest instant at which they ran is the end of
 * `runc restore`, which became ready to run after they did.
 */
function resumedAt(log: readonly LogLine[], zero: Interval): Interval | null {
  const index = log.findIndex(({ text }) => RESUMED.test(text));
  const resumed = log[index];
  const before = log[index - 1];
  if (resumed === undefined || before === undefined) return null;
  const from = Math.min(before.offsetMs, resumed.offsetMs);
  return { earliest: shift(zero, from).earliest, latest: shift(zero, resumed.offsetMs).latest };
}
