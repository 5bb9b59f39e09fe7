/** What CRIU was at, and when: its log from one line that begins something to the next such line. */
import type { Interval, LogLine, MigrationFiles, MigrationObservation } from '../model.ts';
import type { Place } from './order.ts';
import { dumpPlaces, restorePlaces } from './places.ts';

export interface CriuStep {
  name: string;
  /** The line that begins it; null: CRIU opened its log. */
  line: string | null;
  start: Interval;
  end: Interval;
}

type Milestone = [name: string, line: RegExp];

/** Lines of CRIU's own process, in the order of cr_dump_tasks (criu/cr-dump.c) and seize.c. */
const DUMP: readonly Milestone[] = [
  ['look at processes', /^Dumping processes \(pid: /],
  ['freeze', /^freezing (cgroup|processes)/],
  ['seize tasks', /^(freezer\.state=FROZEN|freezing processes: \d+ attempts done|SEIZE \d+|Seized task)/],
  ['lock network', /^net: Lock network/],
  ['collect sockets and files', /^net: Collecting netns/],
  ['dump tasks', /^Dumping task \(pid: /],
  ['dump namespaces', /^Dumping .*'s namespaces$/],
  ['post-dump scripts', /^Running post-dump scripts/],
  ['unfreeze tasks', /^Unfreezing tasks into/],
  ['write stats', /^Writing stats/],
];

/** The same of cr_restore_tasks and restore_root_task (criu/cr-restore.c). */
const RESTORE: readonly Milestone[] = [
  ['read images', /^Reading image tree/],
  ['pre-restore scripts', /^Running pre-restore scripts/],
  ['fork the first task', /^Forking task with/],
  ['set up namespaces', /^Running setup-namespaces scripts/],
  ['restore tasks', /^Running post-setup-namespaces scripts/],
  ['catch tasks', /^\d+ was trapped/],
  ['pre-resume scripts', /^Running pre-resume scripts/],
  ['tasks run', /^Restore finished successfully/],
  ['post-resume scripts', /^Running post-resume scripts/],
];

/** Empty where there is no log, or none of the command that wrote it. */
export function dumpSteps(
  observation: MigrationObservation,
  { dumpLog }: Pick<MigrationFiles, 'dumpLog'>,
): CriuStep[] {
  return dumpLog === null ? [] : steps(dumpLog, dumpPlaces(observation, dumpLog), DUMP);
}

/** Empty where there is no log, or none of the command that wrote it. */
export function restoreSteps(
  observation: MigrationObservation,
  { restoreLog }: Pick<MigrationFiles, 'restoreLog'>,
): CriuStep[] {
  return restoreLog === null ? [] : steps(restoreLog, restorePlaces(observation, restoreLog), RESTORE);
}

/** Each goes on until the next begins, and the last to the end of the log. What no line tells is not there. */
function steps(log: readonly LogLine[], at: Place | null, milestones: readonly Milestone[]): CriuStep[] {
  if (at === null) return [];
  const begins = [{ name: 'open the log', line: null }, ...found(log, milestones)];
  const instants = [...begins.map(({ line }) => line), log.at(-1) ?? null].map((line) => bounds(at(line)));
  return begins.map(({ name, line }, i) => ({
    name,
    line: line?.text ?? null,
    start: instants[i] as Interval,
    end: instants[i + 1] as Interval,
  }));
}

/** The first line of each that comes after the one before. */
function found(log: readonly LogLine[], milestones: readonly Milestone[]): { name: string; line: LogLine }[] {
  let next = 0;
  return milestones.flatMap(([name, pattern]) => {
    const index = log.findIndex(({ text }, i) => i >= next && pattern.test(text));
    const line = log[index];
    if (line === undefined) return [];
    next = index + 1;
    return [{ name, line }];
  });
}

function bounds({ earliest, latest }: Interval): Interval {
  return { earliest, latest };
}
