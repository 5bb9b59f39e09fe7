/** The page of a sweep: in its directory always, elsewhere where it is asked for. */
import { join } from 'node:path';
import { verdictOf } from '../analysis/checks.ts';
import type { SweepResult } from '../analysis/sweep/result.ts';
import type { RunRecord } from '../model.ts';
import { renderSweepPage } from '../report/html/sweep/page.ts';
import { thawVersion } from '../version.ts';
import { indexAssets } from './assets.ts';
import { runPageFrom } from './beside.ts';
import { replaceFile } from './disk.ts';
import { FILES } from './store.ts';
import type { SweepRun } from './sweep.ts';
import { writeReport } from './write-report.ts';

export interface SweepOnDisk {
  directory: string;
  result: SweepResult;
  runs: readonly (SweepRun & { record: RunRecord })[];
}

/** Links to the runs hold from where the page lies. EnvironmentError where it cannot be written. */
export function saveSweepPage({ directory, result, runs }: SweepOnDisk, html: string | undefined): void {
  const pageAt = (file: string): string =>
    renderSweepPage(
      {
        result,
        runs: runs.map(({ cell, round, run, record }) => ({
          cell,
          round,
          verdict: verdictOf(record),
          page: runPageFrom(file, join(directory, run)),
        })),
        thaw: thawVersion(),
      },
      indexAssets(),
    );
  const own = join(directory, FILES.page);
  replaceFile(own, pageAt(own), 'make the folder writable');
  if (html !== undefined) writeReport(html, pageAt(html));
}
