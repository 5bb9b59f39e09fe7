import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Following, followRun } from '../../harness/live-page/following.ts';
import { samplesOf } from '../report/html/fixture.ts';
import { scratch } from '../store/fixture.ts';
import { type GoingRun, goingRun } from './fixture.ts';

let place: ReturnType<typeof scratch>;
let run: GoingRun;
let following: Following;
let nowMs = 0;
beforeEach(async () => {
  place = scratch();
  run = goingRun(place.directory);
  nowMs = 0;
  following = await followRun(run.directory, () => nowMs);
});
afterEach(() => {
  following.close();
  place.clean();
});

const samples = samplesOf(200);

test('samples are told once, with the same codes of outcomes each time', () => {
  expect([following.fresh(), following.record().migrations.length]).toEqual([null, 0]);
  run.add(samples.slice(0, 100));
  expect(following.fresh()?.requests).toBe(100);
  run.add(samples.slice(100));
  const fresh = following.fresh();
  expect([fresh?.requests, following.fresh()]).toEqual([100, null]);
  const all = following.samples();
  expect([all.requests, all.outcomes]).toEqual([200, fresh?.outcomes]);
  expect(following.counts()).toEqual({ entries: 200, requests: 200, outcomes: all.outcomes });
});

test('the record is derived anew where a migration is on disk, and no more often than that is worth', async () => {
  run.add(samples);
  expect(await following.derive(0)).toBe(false);
  run.migrated(1);
  expect([await following.derive(1_500), following.record().migrations.length]).toEqual([true, 1]);
  expect(await following.derive(1_500)).toBe(false);
  // That took 100 ms, so it rests for a second.
  const slow = await followRun(run.directory, () => (nowMs += 100));
  run.migrated(2);
  expect(await slow.derive(2_500)).toBe(true);
  run.migrated(3);
  expect(await slow.derive(3_500)).toBe(false);
  nowMs += 2_000;
  expect([await slow.derive(3_500), slow.record().migrations.length]).toEqual([true, 3]);
  slow.close();
});

test('what comes while a record is derived is left to the next: migrations, and answers', async () => {
  run.migrated(1);
  run.add(samples);
  run.migrated(2);
  // The first ended at 1300, the second at 2300; a request was due each 10 ms.
  expect(await following.derive(1_500)).toBe(true);
  expect([following.record().migrations.length, following.record().probe.samples]).toEqual([1, 151]);
  expect(await following.derive(10_000)).toBe(true);
  expect([following.record().migrations.length, following.record().probe.samples]).toEqual([2, 200]);
});

test('what logs of failed migrations told is there while it goes on, and at the end', async () => {
  run.failed(1, '(00.001) pie: Error (criu/a.c:1): cannot\n(00.002) Error (criu/b.c:2): what it rests on\n');
  const texts = () =>
    following
      .excerpts()
      .get(1)
      ?.flatMap(({ lines }) => lines.map(({ text }) => text));
  const told = [expect.stringContaining('cannot'), expect.stringContaining('what it rests on')];
  expect([await following.derive(9_000), texts()]).toEqual([true, told]);
  await run.finish();
  expect([await following.derive(null), texts()]).toEqual([true, told]);
});

test('at the end the record is the one that the run has left', async () => {
  run.add(samples);
  run.migrated(1);
  await run.finish();
  expect([await following.derive(null), following.record().outcome]).toEqual([true, 'completed']);
});
