import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type BisectJob, beginBisect, openBisect } from '../../harness/store/bisect.ts';
import { bisectPlan, trialOf, unbuildable } from '../report/bisect/fixture.ts';
import { scenario } from '../report/fixture.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'thaw-bisect-store-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const job: BisectJob = { plan: bisectPlan(), scenario };
const begin = () => beginBisect(folder, job, '2026-01-31T12:00:00.000Z');

test('what was begun is taken up again, without the line that a killed writer left', () => {
  const { directory, append } = begin();
  append(trialOf(5, 'fail'));
  append(unbuildable(3));
  appendFileSync(join(directory, 'trials.ndjson'), '{"version":4,"st');
  const { store, ...opened } = openBisect(directory);
  expect(opened).toEqual(job);
  expect(store.trials).toEqual([trialOf(5, 'fail'), unbuildable(3)]);
  store.append(trialOf(0, 'pass'));
  expect(openBisect(directory).store.trials).toEqual([
    trialOf(5, 'fail'),
    unbuildable(3),
    trialOf(0, 'pass'),
  ]);
});

test('what is no bisection, damaged, of a newer Thaw, or leads out of its directory is refused', () => {
  expect(() => openBisect(folder)).toThrow('is no bisection');
  const { directory } = begin();
  const log = join(directory, 'trials.ndjson');
  writeFileSync(log, `${JSON.stringify({ ...trialOf(5, 'fail'), run: '../../etc' })}\n`);
  expect(() => openBisect(directory)).toThrow('trials.ndjson:1');
  writeFileSync(log, `${JSON.stringify(trialOf(77, 'fail'))}\n`);
  expect(() => openBisect(directory)).toThrow('version 77');
  writeFileSync(log, '');
  const file = join(directory, 'bisect.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace('"schema": 1', '"schema": 99'));
  expect(() => openBisect(directory)).toThrow('newer');
});
