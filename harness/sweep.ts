/** A sweep: every cell of a scenario that varies, run in rounds and in an order drawn by the seed. */
import { join, relative } from 'node:path';
import { orderOf } from './analysis/sweep/order.ts';
import { type SweepPlan, type SweepResult, sweepResult } from './analysis/sweep/result.ts';
import { ThawError } from './errors.ts';
import type { Scenario } from './model.ts';
import type { Progress } from './report/progress.ts';
import { shortKey } from './report/sweep/names.ts';
import { hang, safeText } from './report/text.ts';
import { type RunRequest, runScenario } from './run.ts';
import type { LoadedSweep } from './scenario/load.ts';
import { loadRecord } from './store/load-record.ts';
import { requireWritable } from './store/store.ts';
import { beginSweep, loadSweepDirectory, saveSweepResult } from './store/sweep.ts';
import { saveSweepPage } from './store/sweep-page.ts';

export interface SweepEnded {
  result: SweepResult;
  directory: string;
  /** Run directories, in the order in which they were made. */
  runs: string[];
}

export interface SweepRequest {
  sweep: LoadedSweep;
  reportsDirectory: string;
  /** Another place for its page, besides its directory. */
  html?: string | undefined;
  progress: Progress;
  /** Aborted with an InterruptedError; the sweep then ends after the run that goes on, with what it has. */
  signal: AbortSignal;
}

/**
 * A run that cannot begin, as for want of room, ends no other: its cell tells why. Throws a ThawError where none could, and
 * where what the user wrote is wrong; the runs before it are kept, and `thaw report` shows them.
 */
export async function runSweep(request: SweepRequest): Promise<SweepEnded> {
  const { sweep, reportsDirectory, html, progress, signal } = request;
  const { cells, rounds } = sweep;
  requireWritable(reportsDirectory);
  const plan = planOf(sweep);
  const store = beginSweep(reportsDirectory, plan, new Date().toISOString());
  const runs: string[] = [];
  let unbegun: ThawError | null = null;
  const turns = orderOf(cells.length, rounds, plan.seed);
  for (const [i, { cell, round }] of turns.entries()) {
    if (signal.aborted) break;
    const loaded = cells[cell] as LoadedSweep['cells'][number];
    const run = `run ${i + 1} of ${turns.length}, round ${round}: `;
    progress.line(hang(run, told(loaded.scenario.cell), progress.style.width).join('\n'));
    const ended = await ran({ loaded, reportsDirectory: store.directory, progress, signal });
    if (ended === null) break;
    if (ended instanceof ThawError) {
      unbegun ??= ended;
      note(progress, `could not begin: ${ended.message}`);
      store.append({ cell, round, error: ended.message.slice(0, 2_000) });
      continue;
    }
    const { outcome, tail } = ended.record;
    if (outcome === 'skipped') note(progress, `skipped: ${tail?.reason ?? 'no reason given'}`);
    runs.push(ended.directory);
    store.append({ cell, round, run: relative(store.directory, ended.directory) });
  }
  // What none of them could do is told as it is of a single run.
  if (runs.length === 0 && unbegun !== null && !signal.aborted) throw unbegun;
  return { result: await deriveSweep(store.directory, html), directory: store.directory, runs };
}

/** Null where it was interrupted before there was anything to record. */
async function ran(request: RunRequest): Promise<Awaited<ReturnType<typeof runScenario>> | ThawError | null> {
  try {
    return await runScenario(request);
  } catch (error) {
    if (!(error instanceof ThawError)) throw error;
    if (request.signal.aborted) return null;
    if (error.exitCode === 64) throw error;
    return error;
  }
}

function note(progress: Progress, text: string): void {
  progress.line(hang('    ', safeText(text, 400), progress.style.width).join('\n'));
}

/** Recomputes the result of a sweep, and its page, from the records of its runs. `html`: another place for the page. */
export async function deriveSweep(directory: string, html?: string): Promise<SweepResult> {
  const { plan, runs, unbegun } = loadSweepDirectory(directory);
  const records = await Promise.all(
    runs.map(async (one) => ({ ...one, record: await loadRecord(join(directory, one.run)) })),
  );
  const result = sweepResult(plan, records, unbegun);
  saveSweepResult(directory, result);
  saveSweepPage({ directory, result, runs: records }, html);
  return result;
}

function planOf({ axes, rounds, cells }: LoadedSweep): SweepPlan {
  const { name, why, seed } = (cells[0] as LoadedSweep['cells'][number]).scenario;
  return { name, why, seed, axes, rounds, cells: cells.map(({ scenario }) => scenario.cell) };
}

function told(cell: Scenario['cell']): string {
  const keys = Object.keys(cell);
  return Object.entries(cell)
    .map(([key, value]) => `${shortKey(key, keys)} ${safeText(value, 60)}`)
    .join(', ');
}
