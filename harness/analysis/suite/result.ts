/** The cells of a suite and the records of their runs → what became of each, and of all. Pure. */
import { UsageError } from '../../errors.ts';
import type { HostFacts, RunRecord, VerdictState } from '../../model.ts';
import { runtimeText } from '../../runtime/commands.ts';
import { verdictOf, worst } from '../checks.ts';
import { type CellResult, cellResult } from '../sweep/result.ts';
import type { Earlier, PlannedCell, Shard, SuitePlan } from './plan.ts';

/** One try at a cell. */
export interface Attempt {
  /** From 1: which of the repeats, and which try at it. */
  repeat: number;
  attempt: number;
  /** Directory of the run, relative to the suite's; null where no run began. */
  run: string | null;
  /** Why none began. */
  error: string | null;
  seconds: number;
  startedAt: string;
}

export interface JudgedAttempt extends Attempt {
  verdict: VerdictState;
  outcome: RunRecord['outcome'] | 'not begun';
  /** Of failed migrations: the known failure, or null; each once. */
  failures: (string | null)[];
}

/**
 * `flaky`: passed when it was tried again. `expected`: failed, or was skipped, as the suite says. `unexpected-pass`: it
 * did not, though the suite says so. `not-run`: no shard has run it.
 */
export type CellState =
  | 'pass'
  | 'fail'
  | 'unknown'
  | 'skipped'
  | 'flaky'
  | 'expected'
  | 'unexpected-pass'
  | 'not-run';

/** One cell: figures and reasons are those of the last attempt of each repeat. */
export interface SuiteCell extends PlannedCell, Omit<CellResult, 'values' | 'verdict'> {
  state: CellState;
  /** What the state rests on, in a few words. */
  because: string;
  attempts: JudgedAttempt[];
  /** Runtime, CRIU and kernel of the hosts, each once. */
  environment: string[];
}

/** What one machine has run of a suite, or what was made of several of these: a file that stands alone. */
export interface SuiteResult extends Omit<SuitePlan, 'cells'> {
  /** All cells of the suite, in its order. */
  planned: PlannedCell[];
  /** Those that were to be run here. */
  cells: SuiteCell[];
  /** Null for the whole suite, and for what was merged. */
  shard: Shard | null;
  verdict: VerdictState;
}

export interface AttemptWithRecord extends Attempt {
  cell: string;
  record: RunRecord | null;
}

/** `chosen`: identifiers of the cells that were to be run here. */
export function suiteResult(
  plan: SuitePlan,
  chosen: readonly string[],
  shard: Shard | null,
  attempts: readonly AttemptWithRecord[],
): SuiteResult {
  const { cells: planned, ...rest } = plan;
  const cells = planned
    .filter(({ id }) => chosen.includes(id))
    .map((cell) =>
      suiteCell(
        cell,
        plan.repeat,
        attempts.filter((one) => one.cell === cell.id),
      ),
    );
  return { ...rest, planned, cells, shard, verdict: verdictOfCells(cells) };
}

/** A flaky cell did not pass: nobody knows which of its runs to believe. */
export function verdictOfCells(cells: readonly Pick<SuiteCell, 'state'>[]): VerdictState {
  return worst(cells.map(({ state }) => VERDICTS[state]));
}

const VERDICTS: Record<CellState, VerdictState> = {
  pass: 'pass',
  expected: 'pass',
  fail: 'fail',
  'unexpected-pass': 'fail',
  flaky: 'unknown',
  unknown: 'unknown',
  skipped: 'unknown',
  'not-run': 'unknown',
};

function suiteCell(cell: PlannedCell, repeat: number, all: readonly AttemptWithRecord[]): SuiteCell {
  const attempts = all.map(judged);
  const last = all.filter(
    (one) => !all.some((other) => other.repeat === one.repeat && other.attempt > one.attempt),
  );
  const records = last.flatMap(({ record }) => record ?? []);
  const { verdict: _, values: __, ...result } = cellResult(cell.values, records, 1);
  const errors = last.flatMap(({ error }) => error ?? []);
  return {
    ...cell,
    ...result,
    notPassed: [...new Set([...errors, ...result.notPassed])],
    ...stateOf(cell, repeat, attempts),
    attempts,
    environment: [...new Set(records.flatMap(({ head }) => head.hosts.map(environmentOf)))],
  };
}

function environmentOf({ kernel, toolchain }: HostFacts): string {
  return `${runtimeText(toolchain)}, CRIU ${toolchain.criu}, Linux ${kernel}`;
}

function judged({ cell: _, record, ...attempt }: AttemptWithRecord): JudgedAttempt {
  if (record === null) return { ...attempt, verdict: 'unknown', outcome: 'not begun', failures: [] };
  const failures = record.migrations
    .filter(({ outcome }) => outcome.state === 'failed')
    .map(({ diagnosis }) => diagnosis?.failure ?? null);
  return {
    ...attempt,
    verdict: verdictOf(record),
    outcome: record.outcome,
    failures: [...new Set(failures)],
  };
}

/** Whether there is no use in trying again. */
export function isSettled(cell: PlannedCell, attempt: AttemptWithRecord): boolean {
  return !['fail', 'unknown'].includes(repeatState(cell, [judged(attempt)]).state);
}

type Judgement = Pick<SuiteCell, 'state' | 'because'>;

/** Of each repeat, and then the worst of them. */
function stateOf(cell: PlannedCell, repeat: number, attempts: readonly JudgedAttempt[]): Judgement {
  const repeats = Array.from({ length: repeat }, (_, i) => attempts.filter((one) => one.repeat === i + 1));
  const judgements = repeats.map((tries) => repeatState(cell, tries));
  const found = WORST_FIRST.flatMap((state) => judgements.find((one) => one.state === state) ?? [])[0];
  if (found === undefined) return { state: 'not-run', because: 'it was not run' };
  const same = judgements.filter(({ state }) => state === found.state).length;
  return repeat === 1 ? found : { ...found, because: `${same} of ${repeat} runs: ${found.because}` };
}

const WORST_FIRST: readonly CellState[] = [
  'fail',
  'unexpected-pass',
  'not-run',
  'unknown',
  'skipped',
  'flaky',
  'expected',
  'pass',
];

function repeatState({ expect }: PlannedCell, tries: readonly JudgedAttempt[]): Judgement {
  const last = tries.at(-1);
  if (last === undefined) return { state: 'not-run', because: 'it was not run' };
  if (expect !== null) return expectedState(expect, last);
  if (last.outcome === 'skipped') return { state: 'skipped', because: 'its hosts cannot do it' };
  if (last.outcome === 'not begun') return { state: 'unknown', because: 'no run began' };
  if (last.verdict !== 'pass' || tries.length === 1) {
    return { state: last.verdict, because: `${SAID[last.verdict]}${timesOf(tries)}` };
  }
  return { state: 'flaky', because: `passed at try ${tries.length}` };
}

const SAID: Record<VerdictState, string> = {
  pass: 'all checks passed',
  fail: 'a check failed',
  unknown: 'a check lacks data',
};

function timesOf({ length }: readonly unknown[]): string {
  return length === 1 ? '' : `, at each of ${length} tries`;
}

function expectedState(
  expect: NonNullable<PlannedCell['expect']>,
  { verdict, outcome, failures }: JudgedAttempt,
): Judgement {
  const skipped = outcome === 'skipped';
  if (expect.kind === 'skip' && skipped) return { state: 'expected', because: `skipped: ${expect.why}` };
  if (verdict === 'pass') {
    return {
      state: 'unexpected-pass',
      because: `passed, though it is expected to ${expect.kind}: ${expect.why}`,
    };
  }
  if (expect.kind === 'skip') {
    const state = verdict === 'fail' ? 'fail' : 'unknown';
    return { state, because: 'ran, though it is expected to be skipped' };
  }
  if (skipped) return { state: 'skipped', because: 'its hosts cannot do it, though it is expected to fail' };
  if (outcome === 'not begun') return { state: 'unknown', because: 'no run began' };
  if (failures.length === 0)
    return { state: verdict, because: 'no migration failed, though one is expected to' };
  if (failures.every((failure) => failure === expect.failure)) {
    return { state: 'expected', because: `failed as expected until ${expect.until}: ${expect.why}` };
  }
  const found = failures.map((failure) => failure ?? 'unknown').join(', ');
  return { state: 'fail', because: `failed by ${found}, and not by ${expect.failure} as expected` };
}

/** For the next time: how long each took, and what passed. */
export function earlierOf(results: readonly SuiteResult[]): Earlier[] {
  return results.flatMap(({ cells }) =>
    cells.map(({ id, state, attempts }) => ({
      id,
      passed: state === 'pass' || state === 'expected',
      // A run that was tried again is counted with its tries.
      seconds: secondsOf(attempts),
    })),
  );
}

function secondsOf(attempts: readonly Attempt[]): number[] {
  const byRepeat = new Map<number, number>();
  for (const { repeat, seconds } of attempts) byRepeat.set(repeat, (byRepeat.get(repeat) ?? 0) + seconds);
  return [...byRepeat.values()];
}

/**
 * One result of what several machines have run of the same suite. UsageError where they are not of one, or where two
 * have run the same cell; a cell that none has run is there, as such.
 */
export function mergeResults(files: readonly { file: string; result: SuiteResult }[]): SuiteResult {
  const [first] = files;
  if (first === undefined) throw new UsageError('there is nothing to merge');
  for (const { file, result } of files) requireSame(first, { file, result });
  const owners = new Map<string, string>();
  for (const { file, result } of files) {
    for (const { id } of result.cells) {
      const other = owners.get(id);
      if (other !== undefined) {
        const next = 'leave one of them out, or give all shards the same --shard total and --earlier file';
        throw new UsageError(`${id} was run in ${other} and in ${file}`, next);
      }
      owners.set(id, file);
    }
  }
  const cells = new Map(files.flatMap(({ result }) => result.cells.map((cell) => [cell.id, cell])));
  const all = first.result.planned.map(
    (cell) => cells.get(cell.id) ?? suiteCell(cell, first.result.repeat, []),
  );
  return { ...first.result, cells: all, shard: null, verdict: verdictOfCells(all) };
}

interface Merging {
  file: string;
  result: SuiteResult;
}

function requireSame(a: Merging, b: Merging): void {
  if (a.result.name !== b.result.name) {
    throw new UsageError(`${a.file} is of the suite ${a.result.name}, and ${b.file} of ${b.result.name}`);
  }
  if (a.result.digest === b.result.digest) return;
  throw new UsageError(
    `${a.file} and ${b.file} are of different plans of ${a.result.name}`,
    'run all shards with the same suite, scenarios and options',
  );
}
