/** A suite: its cells one after the other, round by round, each tried again where the plan says so. */
import { join, relative } from 'node:path';
import type { Estimated, Shard } from './analysis/suite/plan.ts';
import { type AttemptWithRecord, isSettled, type SuiteResult, suiteResult } from './analysis/suite/result.ts';
import { ThawError } from './errors.ts';
import type { Progress } from './report/progress.ts';
import { hang, safeText } from './report/text.ts';
import { runScenario } from './run.ts';
import type { LoadedScenario } from './scenario/load.ts';
import type { LoadedSuite } from './scenario/suite.ts';
import { loadRecord } from './store/load-record.ts';
import { FILES, requireWritable } from './store/store.ts';
import {
  beginSuite,
  loadSuiteDirectory,
  resultFile,
  type SuiteAttempt,
  type SuiteStore,
  saveSuiteResult,
} from './store/suite.ts';
import { saveSuitePage } from './store/suite-page.ts';

export interface SuiteRequest {
  suite: LoadedSuite;
  /** What of it is to be run here. */
  cells: readonly Estimated[];
  shard: Shard | null;
  reportsDirectory: string;
  /** Another place for its page, besides its directory. */
  html?: string | undefined;
  progress: Progress;
  /** Aborted with an InterruptedError; the suite then ends after the run that goes on, with what it has. */
  signal: AbortSignal;
}

/** A run that cannot begin is a result of its cell. Throws a ThawError where the suite itself cannot. */
export async function runSuite(request: SuiteRequest): Promise<{ result: SuiteResult; directory: string }> {
  const { suite, cells, shard, reportsDirectory, progress, signal } = request;
  const { plan } = suite;
  requireWritable(reportsDirectory);
  const job = { plan, chosen: cells.map(({ id }) => id), shard };
  const store = beginSuite(reportsDirectory, job, new Date().toISOString());
  for (let repeat = 1; repeat <= plan.repeat; repeat++) {
    for (const [i, cell] of cells.entries()) {
      if (signal.aborted) break;
      progress.line(
        hang('', safeText(announcement(request, repeat, i), 400), progress.style.width).join('\n'),
      );
      await tryCell(request, cell, repeat, store);
    }
  }
  return { result: await deriveSuite(store.directory, request.html), directory: store.directory };
}

/** Recomputes the result of a suite, and its page, from the records of its runs. `html`: another place for the page. */
export async function deriveSuite(directory: string, html?: string): Promise<SuiteResult> {
  const { plan, chosen, shard, attempts } = loadSuiteDirectory(directory);
  const judged = await Promise.all(
    attempts.map(async (attempt): Promise<AttemptWithRecord> => {
      const { run } = attempt;
      return { ...attempt, record: run === null ? null : await loadRecord(join(directory, run)) };
    }),
  );
  const result = suiteResult(plan, chosen, shard, judged);
  saveSuiteResult(resultFile(directory), result);
  const sources = [{ directory, result }];
  saveSuitePage(join(directory, FILES.page), result, sources);
  if (html !== undefined) saveSuitePage(html, result, sources);
  return result;
}

async function tryCell(
  request: SuiteRequest,
  cell: Estimated,
  repeat: number,
  store: SuiteStore,
): Promise<void> {
  const { suite, progress, signal } = request;
  const loaded = suite.scenarios.get(cell.id) as LoadedScenario;
  for (let attempt = 1; attempt <= 1 + suite.plan.retries; attempt++) {
    if (signal.aborted) return;
    if (attempt > 1) progress.line(`it did not pass: try ${attempt} of ${1 + suite.plan.retries}`);
    const startedAt = new Date().toISOString();
    const began = performance.now();
    const ended = await run(loaded, store.directory, request);
    const seconds = Math.round(performance.now() - began) / 1_000;
    const { record, ...rest } = ended;
    const noted: SuiteAttempt = { cell: cell.id, repeat, attempt, ...rest, seconds, startedAt };
    store.append(noted);
    if (isSettled(cell, { ...noted, record })) return;
  }
}

type Ended = Pick<AttemptWithRecord, 'run' | 'error' | 'record'>;

async function run(
  loaded: LoadedScenario,
  directory: string,
  { progress, signal }: SuiteRequest,
): Promise<Ended> {
  try {
    const ended = await runScenario({ loaded, reportsDirectory: directory, progress, signal });
    return { run: relative(directory, ended.directory), error: null, record: ended.record };
  } catch (error) {
    // What ends this cell need not end the others; a bug does.
    if (!(error instanceof ThawError)) throw error;
    progress.line(error.message);
    return { run: null, error: error.message, record: null };
  }
}

/** `cell 3 of 6, round 1 of 2: httpd[…], about 4 min left`. */
function announcement({ suite, cells }: SuiteRequest, repeat: number, index: number): string {
  const { plan } = suite;
  const one = cells.map(({ seconds }) => seconds / plan.repeat);
  const sum = (all: readonly number[]): number => all.reduce((total, seconds) => total + seconds, 0);
  const left = sum(one.slice(index)) + (plan.repeat - repeat) * sum(one);
  const round = plan.repeat === 1 ? '' : `, round ${repeat} of ${plan.repeat}`;
  return `cell ${index + 1} of ${cells.length}${round}: ${cells[index]?.id}, about ${Math.ceil(left / 60)} min left`;
}
