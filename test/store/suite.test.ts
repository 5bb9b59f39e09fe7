import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  beginSuite,
  isSuiteResult,
  loadSuiteDirectory,
  loadSuiteResult,
  newestSuiteResult,
  resultFile,
  saveSuiteResult,
} from '../../harness/store/suite.ts';
import { suiteOf, suitePlan } from '../report/suite/fixture.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'thaw-suite-store-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const job = { plan: suitePlan(), chosen: ['httpd[runtime=runc]'], shard: { index: 1, of: 2 } };
const attempt = {
  cell: 'httpd[runtime=runc]',
  repeat: 1,
  attempt: 1,
  run: 'httpd/2026-01-31T12-00-00Z',
  error: null,
  seconds: 12.5,
  startedAt: '2026-01-31T12:00:00.000Z',
};

test('what was begun is read back, without the line that a killed writer left', () => {
  const store = beginSuite(folder, job, '2026-01-31T12:00:00.000Z');
  store.append(attempt);
  const log = join(store.directory, 'attempts.ndjson');
  writeFileSync(log, `${JSON.stringify(attempt)}\n{"cell":"ht`);
  expect(loadSuiteDirectory(store.directory)).toEqual({ ...job, attempts: [attempt] });
});

test('a run outside of the directory of its suite is refused', () => {
  const { directory } = beginSuite(folder, job, '2026-01-31T12:00:00.000Z');
  const line = JSON.stringify({ ...attempt, run: '../../etc' });
  writeFileSync(join(directory, 'attempts.ndjson'), `${line}\n`);
  expect(() => loadSuiteDirectory(directory)).toThrow('attempts.ndjson:1');
});

test('a result stands alone: it is read back from its file, and from its directory', () => {
  const { directory } = beginSuite(folder, job, '2026-01-31T12:00:00.000Z');
  saveSuiteResult(resultFile(directory), suiteOf());
  expect(loadSuiteResult(directory)).toEqual(suiteOf());
  expect(loadSuiteResult(resultFile(directory))).toEqual(suiteOf());
  expect([isSuiteResult(resultFile(directory)), isSuiteResult(directory)]).toEqual([true, false]);
});

test('the newest result is that of the newest suite that has one', () => {
  expect(newestSuiteResult(folder, 'runtimes')).toBeNull();
  const directories = ['2026-01-31', '2026-02-01', '2026-02-02'].map(
    (day) => beginSuite(folder, job, `${day}T12:00:00.000Z`).directory,
  );
  for (const directory of directories.slice(0, 2)) saveSuiteResult(resultFile(directory), suiteOf());
  expect(newestSuiteResult(folder, 'runtimes')).toBe(resultFile(directories[1] as string));
});

test('a newer, a damaged and another file are refused, each with its name', () => {
  const file = join(folder, 'x.json');
  const refusal = (text: string): (() => unknown) => {
    writeFileSync(file, text);
    return () => loadSuiteResult(file);
  };
  expect(refusal(JSON.stringify({ ...suiteOf(), schema: 99 }))).toThrow(/x\.json.*newer/);
  expect(refusal('{"schema": 1')).toThrow('x.json');
  expect(refusal('{"schema": 1, "migrations": []}')).toThrow('x.json');
  expect(() => loadSuiteResult(join(folder, 'none.json'))).toThrow('none.json cannot be read: ENOENT');
});
