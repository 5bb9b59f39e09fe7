/** Runs against runs, or against a baseline that was kept of some: their records are read, and compared. */
import { type CompareOptions, compare, refuseTwice } from './analysis/compare/compare.ts';
import type { Comparison } from './analysis/compare/comparison.ts';
import type { RunRecord } from './model.ts';
import { loadBaseline, saveBaseline } from './store/baseline.ts';
import { loadRecord } from './store/load-record.ts';

export interface CompareRequest {
  /** Run directories, or files with a record; or the file of a baseline. */
  base: readonly string[] | { baseline: string };
  candidate: readonly string[];
  options: CompareOptions;
}

/** UsageError where a path is no run, a baseline is of another schema, or runs cannot be compared. */
export async function compareRuns({ base, candidate, options }: CompareRequest): Promise<Comparison> {
  const against = 'baseline' in base ? loadBaseline(base.baseline) : await recordsOf(base);
  return compare({ base: against, candidate: await recordsOf(candidate) }, options);
}

/** Keeps the records of runs in one file. Returns how many migrations there are in it. */
export async function keepBaseline(file: string, runs: readonly string[]): Promise<number> {
  const records = await recordsOf(runs);
  refuseTwice(records);
  saveBaseline(file, records);
  return records.flatMap(({ migrations }) => migrations).filter(({ warmUp }) => !warmUp).length;
}

function recordsOf(paths: readonly string[]): Promise<RunRecord[]> {
  return Promise.all(paths.map(loadRecord));
}
