/** Results of suites that stand alone: merged, and shown again, with a page where one is wanted. */

import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { mergeResults, type SuiteResult } from '../analysis/suite/result.ts';
import { isSuiteDirectory, loadSuiteResult, saveSuiteResult } from './suite.ts';
import { type SuiteSource, saveSuitePage } from './suite-page.ts';

/** UsageError where the results are not of one suite, or overlap. */
export function mergeSuites(
  paths: readonly string[],
  { into, html }: { into: string | null; html?: string | undefined },
): SuiteResult {
  const all = paths.map((file) => ({ file, result: loadSuiteResult(file) }));
  const result = mergeResults(all);
  if (into !== null) saveSuiteResult(into, result);
  if (html !== undefined) saveSuitePage(html, result, all.flatMap(sourceOf));
  return result;
}

/** Of a result file. */
export function showAgain(file: string, html: string | undefined): SuiteResult {
  const result = loadSuiteResult(file);
  if (html !== undefined) saveSuitePage(html, result, sourceOf({ file, result }));
  return result;
}

/** None where the runs do not lie beside the result, as where it was sent alone. */
function sourceOf({ file, result }: { file: string; result: SuiteResult }): SuiteSource[] {
  const directory = statSync(file).isDirectory() ? file : dirname(file);
  return isSuiteDirectory(directory) ? [{ directory, result }] : [];
}
