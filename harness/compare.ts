/** Runs against runs: their records are read, and compared. */
import { type CompareOptions, compare } from './analysis/compare/compare.ts';
import type { Comparison } from './analysis/compare/comparison.ts';
import { loadRecord } from './store/load-record.ts';

export interface CompareRequest {
  /** Run directories, or files with a record. */
  base: readonly string[];
  candidate: readonly string[];
  options: CompareOptions;
}

/** UsageError where a path is no run, or runs cannot be compared. */
export async function compareRuns({ base, candidate, options }: CompareRequest): Promise<Comparison> {
  const load = (paths: readonly string[]) => Promise.all(paths.map(loadRecord));
  return compare({ base: await load(base), candidate: await load(candidate) }, options);
}
