/** One migration as bars of a trace: what each host did, and what only both together tell. */
import { criuSteps, type LogFiles, type LogSteps } from '../../analysis/criu-steps.ts';
import { middle } from '../../analysis/intervals.ts';
import { micro } from '../../analysis/statistics.ts';
import type {
  CommandSpan,
  HostName,
  Interval,
  MigrationObservation,
  MigrationResult,
  Span,
} from '../../model.ts';
import { isUnknown } from '../numbers.ts';
import { safeText } from '../text.ts';
import type { Bar } from './trace-events.ts';

/** Rows of a host, and of the client, who stands for what spans both hosts. */
export const HOST_ROWS = ['commands', 'phases', 'CRIU', 'CRIU lazy-pages', 'CRIU page-server'] as const;
export const CLIENT_ROWS = [
  'migrations',
  'frozen window',
  'frozen window: begins and ends in',
  'gap',
  'downtime',
  'phases',
] as const;

/** A bar, and where it belongs; host null: the client. */
export type Placed =
  | { host: HostName; row: (typeof HOST_ROWS)[number]; bar: Bar }
  | { host: null; row: (typeof CLIENT_ROWS)[number]; bar: Bar };

export interface TracedMigration {
  observation: MigrationObservation;
  files: LogFiles;
  result: MigrationResult;
}

export function migrationBars({ observation, files, result }: TracedMigration): Placed[] {
  const { number } = observation;
  const logs = criuSteps(observation, files);
  return [
    { host: null, row: 'migrations', bar: whole({ observation, result, logs }) },
    ...commands(observation),
    ...result.spans.map((span) => phase(span, number)),
    ...logs.flatMap((log) => criu(log, number)),
    ...frozenWindow(result),
    ...gap(observation, result),
    ...downtime(result),
  ];
}

const SAID_COLUMNS = 200;
const ERROR_COLUMNS = 1_000;
const HOST_COLUMNS = 60;

function said(text: string): string {
  return safeText(text, SAID_COLUMNS);
}

export function hostTitle(host: HostName): string {
  return safeText(host, HOST_COLUMNS);
}

interface Whole extends Pick<TracedMigration, 'observation' | 'result'> {
  logs: readonly LogSteps[];
}

function whole({ observation, result, logs }: Whole): Bar {
  const { number, source, destination, begunMs, endedMs, outcome, warmUp } = observation;
  const { dumpStats, restoreStats, imageBytes, lost, recoveryMs } = result;
  return {
    name: `migration ${number}: ${hostTitle(source)} → ${hostTitle(destination)}`,
    category: outcome.state === 'failed' ? 'migration,failed' : 'migration',
    startMs: begunMs,
    endMs: endedMs,
    args: {
      migration: number,
      warmUp,
      outcome: outcomeOf(observation),
      recoveryMs: isUnknown(recoveryMs) ? null : recoveryMs,
      lost,
      imageBytes,
      dumpStats: isUnknown(dumpStats) ? null : dumpStats,
      restoreStats: isUnknown(restoreStats) ? null : restoreStats,
      unknown: unknowns(result, logs),
    },
  };
}

function outcomeOf({ outcome }: MigrationObservation): MigrationObservation['outcome'] {
  if (outcome.state === 'completed') return outcome;
  const { survivor, error } = outcome;
  return {
    ...outcome,
    survivor: survivor === null ? null : hostTitle(survivor),
    error: safeText(error, ERROR_COLUMNS),
  };
}

const DROPPED = 'it was dropped, for the run was long';
const NOT_THERE = 'it is not there or empty, or what wrote it did not run';

/** Why something of a migration is not drawn. */
function unknowns(result: MigrationResult, logs: Whole['logs']): Record<string, string> {
  const { frozenWindow, gap, downtime, recoveryMs, dumpStats, restoreStats } = result;
  const figures = { frozenWindow, gap, downtime, recoveryMs, dumpStats, restoreStats };
  const whys = Object.entries(figures).flatMap(([name, figure]) =>
    isUnknown(figure) ? [[name, said(figure.unknown)]] : [],
  );
  const missing = logs.flatMap(({ log, steps }) =>
    steps.length > 0 ? [] : [[log, result.logs === 'dropped' ? DROPPED : NOT_THERE]],
  );
  return Object.fromEntries([...whys, ...missing]);
}

function commands({ number, steps, preDumps }: MigrationObservation): Placed[] {
  const named: [name: string, span: CommandSpan][] = [
    ...preDumps.map(({ span }): [string, CommandSpan] => ['pre-dump', span]),
    ...Object.entries(steps),
  ];
  return named.map(([name, { host, argv, exec, exit, status }]) => {
    const args = { migration: number, argv: argv.map(said), status };
    return { host, row: 'commands', bar: bar({ name, category: 'command', start: exec, end: exit, args }) };
  });
}

function phase({ name, host, start, end }: Span, migration: number): Placed {
  const drawn = bar({ name, category: 'phase', start, end, args: { migration } });
  return CLIENT_PHASES.has(name)
    ? { host: null, row: 'phases', bar: drawn }
    : { host, row: 'phases', bar: drawn };
}

const CLIENT_PHASES: ReadonlySet<string> = new Set<Span['name']>(['first-response', 'recovery']);

function criu({ command, host, log, steps }: LogSteps, migration: number): Placed[] {
  return steps.map(({ name, line, start, end }) => {
    const args = { migration, log, line: line === null ? null : said(line) };
    const drawn = bar({ name: `${command}: ${name}`, category: 'criu', start, end, args });
    return { host, row: ROW_OF[command], bar: drawn };
  });
}

/** Daemons are at work beside the others. */
const ROW_OF: Record<LogSteps['command'], (typeof HOST_ROWS)[number]> = {
  'pre-dump': 'CRIU',
  dump: 'CRIU',
  restore: 'CRIU',
  'roll back': 'CRIU',
  'lazy-pages': 'CRIU lazy-pages',
  'page-server': 'CRIU page-server',
};

/** As the record tells it, and where its ends lie somewhere. */
function frozenWindow({ number, frozenWindow: known }: MigrationResult): Placed[] {
  if (isUnknown(known)) return [];
  const { window, stopped, running, criuDumpMs, criuRestoreMs, runtimeMs } = known;
  const category = 'frozen-window';
  const startMs = middle(stopped);
  const edge = (name: string, { earliest, latest }: Interval): Placed => {
    const args = { migration: number, ...told(earliest, latest) };
    const drawn = { name, category, startMs: earliest, endMs: latest, args };
    return { host: null, row: 'frozen window: begins and ends in', bar: drawn };
  };
  const args = {
    migration: number,
    ...window,
    ...bounds(stopped, running),
    criuDumpMs,
    criuRestoreMs,
    runtimeMs,
  };
  return [
    {
      host: null,
      row: 'frozen window',
      bar: { name: 'frozen window', category, startMs, endMs: startMs + window.ms, args },
    },
    edge('tasks stopped', stopped),
    edge('tasks running', running),
  ];
}

function gap({ steps }: MigrationObservation, { number, gap: known }: MigrationResult): Placed[] {
  const { checkpoint, restore } = steps;
  if (isUnknown(known) || checkpoint === undefined || restore === undefined) return [];
  const startMs = checkpoint.exit.earliest;
  const args = { migration: number, ...known, ...bounds(checkpoint.exit, restore.exec) };
  const drawn = { name: 'gap', category: 'gap', startMs, endMs: startMs + known.ms, args };
  return [{ host: null, row: 'gap', bar: drawn }];
}

function downtime({ number, downtime: known }: MigrationResult): Placed[] {
  if (isUnknown(known)) return [];
  const { ms, bracketMs, resolutionMs, lastAnswerMs, firstAnswerMs } = known;
  const args = { migration: number, ms, bracketMs, resolutionMs };
  const drawn = {
    name: 'downtime',
    category: 'downtime',
    startMs: lastAnswerMs,
    endMs: firstAnswerMs,
    args,
  };
  return [{ host: null, row: 'downtime', bar: drawn }];
}

/** From the middle of where it began to the middle of where it ended; both are told. */
function bar({
  start,
  end,
  args,
  ...named
}: Pick<Bar, 'name' | 'category' | 'args'> & { start: Interval; end: Interval }): Bar {
  return { ...named, startMs: middle(start), endMs: middle(end), args: { ...args, ...bounds(start, end) } };
}

function bounds(begin: Interval, end: Interval) {
  return { begin: told(begin.earliest, begin.latest), end: told(end.earliest, end.latest) };
}

function told(earliestMs: number, latestMs: number) {
  return { earliestMs: micro(earliestMs), latestMs: micro(latestMs) };
}
