/** Runs against runs, or against a baseline that was kept of some: their records are read, and compared. */
import { type CompareOptions, compare, refuseTwice } from './analysis/compare/compare.ts';
import type { Comparison } from './analysis/compare/comparison.ts';
import type { RunRecord } from './model.ts';
import { renderComparisonPage } from './report/html/comparison/page.ts';
import { indexAssets } from './store/assets.ts';
import { loadBaseline, saveBaseline } from './store/baseline.ts';
import { loadRecord } from './store/load-record.ts';
import { writeReport } from './store/write-report.ts';
import { thawVersion } from './version.ts';

export interface CompareRequest {
  /** Run directories, or files with a record; or the file of a baseline. */
  base: readonly string[] | { baseline: string };
  candidate: readonly string[];
  options: CompareOptions;
  /** A file for the page of it. */
  html?: string | undefined;
}

/** UsageError where a path is no run, a baseline is of another schema, or runs cannot be compared. */
export async function compareRuns({ base, candidate, options, html }: CompareRequest): Promise<Comparison> {
  const runs = {
    base: 'baseline' in base ? loadBaseline(base.baseline) : await recordsOf(base),
    candidate: await recordsOf(candidate),
  };
  const comparison = compare(runs, options);
  if (html !== undefined) {
    const page = renderComparisonPage({ comparison, ...runs, thaw: thawVersion() }, indexAssets());
    writeReport(html, page);
  }
  return comparison;
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
