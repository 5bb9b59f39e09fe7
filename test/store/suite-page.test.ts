import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { suiteResult } from '../../harness/analysis/suite/result.ts';
import { mergeSuites, showAgain } from '../../harness/store/merged-suites.ts';
import { resultFile, saveSuiteResult } from '../../harness/store/suite.ts';
import { attemptAt, passing, suitePlan } from '../report/suite/fixture.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'thaw-suite-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const linksIn = (file: string) => [
  ...new Set([...readFileSync(file, 'utf8').matchAll(/<a href="(\.\/[^"]*)"/g)].map(([, href]) => href)),
];

/** A shard with a run of its own, which has the same name in each: both machines began at once. */
function shard(name: string, cell: string): string {
  const directory = join(folder, name);
  const page = join(directory, 'httpd/1/report.html');
  mkdirSync(dirname(page), { recursive: true });
  writeFileSync(page, 'a page');
  writeFileSync(join(directory, 'suite.json'), '{}');
  saveSuiteResult(
    resultFile(directory),
    suiteResult(suitePlan(), [cell], null, [attemptAt(cell, passing())]),
  );
  return directory;
}

it('links each cell of a merged suite to the runs of its own shard, and what lies elsewhere not at all', () => {
  const [first, second] = [shard('a', 'httpd[runtime=runc]'), shard('b', 'nginx[runtime=runc]')];
  const [html, into] = [join(folder, 'merged.html'), join(folder, 'merged.json')];
  mergeSuites([first, resultFile(second)], { into, html });
  expect(linksIn(html)).toEqual(['./a/httpd/1/report.html', './b/httpd/1/report.html']);
  // The merged result alone does not say where the runs are.
  showAgain(into, html);
  expect(linksIn(html)).toEqual([]);
  showAgain(resultFile(first), html);
  expect(linksIn(html)).toEqual(['./a/httpd/1/report.html']);
});

it('writes nothing of shards that are not of one plan', () => {
  const shards = [shard('a', 'httpd[runtime=runc]'), shard('b', 'nginx[runtime=runc]')] as const;
  const other = resultFile(shards[1]);
  writeFileSync(other, readFileSync(other, 'utf8').replace(/"digest": "[^"]*"/, '"digest": "ffff"'));
  const [html, into] = [join(folder, 'merged.html'), join(folder, 'merged.json')];
  expect(() => mergeSuites(shards, { into, html })).toThrow(/are of different plans of runtimes/);
  expect(readdirSync(folder).sort()).toEqual(['a', 'b']);
});
