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
  expect(await following.derive(false)).toBe(false);
  run.migrated(1);
  expect([await following.derive(false), following.record().migrations.length]).toEqual([true, 1]);
  expect(await following.derive(false)).toBe(false);
  // That took 100 ms, so it rests for a second.
  const slow = await followRun(run.directory, () => (nowMs += 100));
  run.migrated(2);
  expect(await slow.derive(false)).toBe(true);
  run.migrated(3);
  expect(await slow.derive(false)).toBe(false);
  nowMs += 2_000;
  expect([await slow.derive(false), slow.record().migrations.length]).toEqual([true, 3]);
  slow.close();
});

test('what comes of the future, as it is while a record is derived, is left to the next', async () => {
  run.add(samplesOf(10).map((sample) => ({ ...sample, due: sample.due + 7_200_000 })));
  run.migrated(1);
  expect(await following.derive(false)).toBe(true);
  expect(following.record().probe.samples).toBe(0);
});

test('what logs of failed migrations told is there while it goes on, and at the end', async () => {
  run.failed(1, '(00.001) pie: Error (criu/a.c:1): cannot\n(00.002) Error (criu/b.c:2): what it rests on\n');
  const texts = () =>
    following
      .excerpts()
      .get(1)
      ?.flatMap(({ lines }) => lines.map(({ text }) => text));
  const told = [expect.stringContaining('cannot'), expect.stringContaining('what it rests on')];
  expect([await following.derive(false), texts()]).toEqual([true, told]);
  await run.finish();
  expect([await following.derive(true), texts()]).toEqual([true, told]);
});

test('at the end the record is the one that the run has left', async () => {
  run.add(samples);
  run.migrated(1);
  await run.finish();
  expect([await following.derive(true), following.record().outcome]).toEqual([true, 'completed']);
});
