import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sayAlive, signOfLife } from '../../harness/store/alive.ts';
import { refusal, scratch, tail } from './fixture.ts';

let place: ReturnType<typeof scratch>;
beforeEach(() => {
  place = scratch();
});
afterEach(() => place.clean());

const progressed = { atMs: 1_234.5, migration: 7, completed: 6, failed: 1 };

test('a run whose process is there says how far it is', () => {
  expect(signOfLife(place.directory)).toBeNull();
  sayAlive(place.directory, progressed);
  expect(signOfLife(place.directory)).toMatchObject({ ...progressed, pid: process.pid });
  expect(signOfLife(place.directory)?.rssMiB).toBeGreaterThan(0);
});

test('a run that has ended, or whose process is another one by now, gives no sign', () => {
  sayAlive(place.directory, progressed);
  const file = join(place.directory, 'heartbeat.json');
  const sign = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...sign, startTicks: sign.startTicks + 1 }));
  expect(signOfLife(place.directory)).toBeNull();
  sayAlive(place.directory, progressed);
  writeFileSync(join(place.directory, 'tail.json'), JSON.stringify(tail));
  expect(signOfLife(place.directory)).toBeNull();
});

test('a damaged sign is told with its file', async () => {
  const file = join(place.directory, 'heartbeat.json');
  writeFileSync(file, '{"pid": "1"}');
  expect(await refusal(() => signOfLife(place.directory))).toEqual([
    64,
    expect.stringContaining(`${file} is damaged: pid`),
  ]);
});
