import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { addToHistory, trendOf } from '../harness/trend.ts';
import { OPTIONS } from './analysis/trend/fixture.ts';
import { record, refusal, scratch } from './store/fixture.ts';

let place: ReturnType<typeof scratch>;
let file: string;
beforeEach(() => {
  place = scratch();
  file = join(place.directory, 'history.ndjson');
});
afterEach(() => place.clean());

function recordFile(name: string, originNs: string): string {
  const path = join(place.directory, `${name}.json`);
  writeFileSync(path, JSON.stringify({ ...record, head: { ...record.head, originNs } }));
  return path;
}

it('adds runs once, and tells what was there already', async () => {
  const [a, b] = [recordFile('a', '1'), recordFile('b', '2')];
  expect(await addToHistory(file, [a])).toEqual({ added: 1, there: 0 });
  expect(await addToHistory(file, [a, b, b])).toEqual({ added: 1, there: 2 });
  expect((await trendOf(file, OPTIONS)).cells[0]?.runs).toHaveLength(2);
});

it('adds none where one of them is no run', async () => {
  await addToHistory(file, []);
  const a = recordFile('a', '1');
  const missing = join(place.directory, 'missing');
  expect(await refusal(() => addToHistory(file, [a, missing]))).toEqual([64, `there is no ${missing}`]);
  expect((await trendOf(file, OPTIONS)).cells).toEqual([]);
});

it('takes two histories of the same runs, one behind the other, for one', async () => {
  await addToHistory(file, [recordFile('a', '1'), recordFile('b', '2')]);
  const once = await trendOf(file, OPTIONS);
  appendFileSync(file, readFileSync(file));
  expect(await trendOf(file, OPTIONS)).toEqual(once);
});

it('tells lines that were left out', async () => {
  writeFileSync(file, '{"schema":1,"id"');
  expect((await trendOf(file, OPTIONS)).notes).toEqual([`${file}:1: left out, it is cut short or no JSON`]);
});
