/** What CRIU was at, and when: its log from one line that begins something to the next such line. */
import type {
  CommandSpan,
  HostName,
  Instant,
  Interval,
  LogLine,
  MigrationFiles,
  MigrationObservation,
  SizeReading,
} from '../model.ts';
import {
  CONNECTED,
  DUMP,
  LAZY_PAGES,
  LISTENS,
  type Milestone,
  PAGE_SERVER,
  PRE_DUMP,
  RESTORE,
} from './criu-milestones.ts';
import type { Place } from './order.ts';
import { dumpPlaces, restorePlaces, unwatchedPlaces } from './places.ts';

export interface CriuStep {
  name: string;
  /** The line that begins it; null: CRIU opened its log. */
  line: string | null;
  start: Interval;
  end: Interval;
}

/** What one of CRIU's logs tells. Without steps: it is not there or empty, or what wrote it did not run. */
export interface LogSteps {
  command: 'dump' | 'restore' | 'pre-dump' | 'lazy-pages' | 'page-server' | 'roll back';
  host: HostName;
  /** Where it lies, relative to the migration's files. */
  log: string;
  steps: CriuStep[];
}

/** Files that are read where the steps of all logs are wanted. */
export type LogFiles = Pick<MigrationFiles, 'dumpLog' | 'restoreLog' | 'otherLogs'>;

/** Of the dump and the restore, and of each other log that a command of this migration wrote. */
export function criuSteps(observation: MigrationObservation, files: LogFiles): LogSteps[] {
  const { source, destination } = observation;
  return [
    { command: 'dump', host: source, log: 'dump.log', steps: dumpSteps(observation, files) },
    { command: 'restore', host: destination, log: 'restore.log', steps: restoreSteps(observation, files) },
    ...unwatched(observation, files).flatMap(
      ({ command, log, writer, milestones, lines, looks }): LogSteps[] => {
        if (writer === undefined) return [];
        const places = unwatchedPlaces(observation, lines ?? [], { ...writer, looks });
        return [{ command, log, host: writer.host, steps: steps(lines ?? [], places, milestones) }];
      },
    ),
  ];
}

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

type Writer = Pick<CommandSpan, 'host' | 'exec' | 'exit'>;

interface Unwatched extends Pick<LogSteps, 'command' | 'log'> {
  lines: readonly LogLine[] | null;
  /** Undefined: it did not run. */
  writer: Writer | undefined;
  milestones: readonly Milestone[];
  /** What is known of its growth all the same. */
  looks?: readonly SizeReading[];
}

/** Nobody looked at these while they were written: each lies between the begin and the end of what wrote it. */
function unwatched(observation: MigrationObservation, { otherLogs, restoreLog }: LogFiles): Unwatched[] {
  const { preDumps, steps, endedMs } = observation;
  const { lazyPages, pageServer, rollBack } = otherLogs;
  return [
    ...preDumps.map(
      ({ span }, i): Unwatched => ({
        ...{ command: 'pre-dump', log: `pre-${i + 1}/dump.log`, milestones: PRE_DUMP },
        lines: otherLogs.preDumps[i] ?? null,
        writer: span,
      }),
    ),
    {
      ...{ command: 'lazy-pages', log: 'lazy-pages.log', milestones: LAZY_PAGES },
      lines: lazyPages,
      // What is there of the log of a daemon that nobody saw end was copied before the migration's end.
      writer: steps['lazy-pages'] && {
        ...steps['lazy-pages'],
        exit: (steps['lazy-transfer'] ?? { exit: at(endedMs) }).exit,
      },
      looks: beforeTheBackground(lazyPages ?? [], steps['lazy-pages']),
    },
    {
      ...{ command: 'page-server', log: 'page-server.log', milestones: PAGE_SERVER },
      lines: pageServer,
      writer: pageServer === null ? undefined : pageServerOf(observation),
      looks: beforeTheDump(pageServer ?? [], steps.checkpoint),
    },
    {
      ...{ command: 'roll back', log: 'rollback.log', milestones: RESTORE },
      // Where the migration's own restore did not run, there is one log of a restore.
      lines: rollBack ?? (steps.restore === undefined ? restoreLog : null),
      writer: steps['rollback-restore'],
    },
  ];
}

/** It listens before the dump begins, and has ended when the transfer behind it is confirmed. */
function pageServerOf({ begunMs, endedMs, destination, steps }: MigrationObservation): Writer {
  return { host: destination, exec: at(begunMs), exit: steps.transfer?.exit ?? at(endedMs) };
}

/** The dump connects: as if somebody had looked when it began, and found nothing of what comes from there on. */
function beforeTheDump(log: readonly LogLine[], checkpoint: CommandSpan | undefined): SizeReading[] {
  const connected = log.findIndex(({ text }) => CONNECTED.test(text));
  if (connected === -1 || checkpoint === undefined) return [];
  const bytes = log[connected - 1]?.endByte ?? 0;
  return [{ beforeMs: checkpoint.exec.earliest, afterMs: Number.POSITIVE_INFINITY, bytes }];
}

/** It listens before it goes into the background: as if somebody had looked when it had, and found that line. */
function beforeTheBackground(log: readonly LogLine[], begun: CommandSpan | undefined): SizeReading[] {
  const told = log.find(({ text }) => LISTENS.test(text));
  if (told === undefined || begun === undefined) return [];
  return [{ beforeMs: Number.NEGATIVE_INFINITY, afterMs: begun.exit.latest, bytes: told.endByte }];
}

function at(instant: Instant): Interval {
  return { earliest: instant, latest: instant };
}
