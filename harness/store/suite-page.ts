/** The page of a suite or of what was merged: links go to the runs of the shard that a cell was run in. */
import { join } from 'node:path';
import type { SuiteResult } from '../analysis/suite/result.ts';
import { renderSuitePage } from '../report/html/suite/page.ts';
import { thawVersion } from '../version.ts';
import { indexAssets } from './assets.ts';
import { runPageFrom } from './beside.ts';
import { writeReport } from './write-report.ts';

/** What was run below a directory. */
export interface SuiteSource {
  directory: string;
  result: SuiteResult;
}

/** Links hold from `file`. EnvironmentError where it cannot be written. */
export function saveSuitePage(file: string, result: SuiteResult, sources: readonly SuiteSource[]): void {
  const directories = new Map(
    sources.flatMap((source) =>
      source.result.cells
        .filter(({ attempts }) => attempts.length > 0)
        .map(({ id }) => [id, source.directory] as const),
    ),
  );
  const page = renderSuitePage(
    {
      result,
      pageOf({ id }, { run }) {
        const directory = directories.get(id);
        return run === null || directory === undefined ? null : runPageFrom(file, join(directory, run));
      },
      thaw: thawVersion(),
    },
    indexAssets(),
  );
  writeReport(file, page);
}
