import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { frozenWindow } from '../../harness/analysis/frozen-window.ts';
import { explain } from '../../harness/explain.ts';
import type { RunRecord } from '../../harness/model.ts';
import { renderSummary } from '../../harness/report/summary.ts';
import { deriveRecord } from '../../harness/run.ts';
import { condense } from '../../harness/store/condensed.ts';
import { loadRun } from '../../harness/store/load.ts';
import { beginAnew, compress, pieceName } from '../../harness/store/pieces.ts';
import { makeRun, refusal, scratch } from './fixture.ts';

let place: ReturnType<typeof scratch>;
let run: string;
beforeEach(() => {
  place = scratch();
  run = makeRun(place.directory).directory;
  writeFileSync(join(run, 'migrations/0001/container-before.txt'), 'process 1, child of 0: perl\n');
});
afterEach(() => place.clean());

/** The first migrations, as a long run does it. */
async function condensed(...numbers: number[]): Promise<void> {
  const { migrations } = await loadRun(run);
  for (const { observation, files } of migrations.filter((one) => numbers.includes(one.observation.number))) {
    await condense(run, observation, files, { frozenWindow: frozenWindow(observation, files) });
  }
}

function withoutMark(record: RunRecord): RunRecord {
  return { ...record, migrations: record.migrations.map(({ logs: _, ...rest }) => rest) };
}

test('the record of a run whose logs are dropped is the same, but says of which migrations', async () => {
  const before = await deriveRecord(run);
  await condensed(1, 2);
  expect(readdirSync(join(run, 'migrations'))).toEqual(['0003']);
  const after = await deriveRecord(run);
  expect(withoutMark(after)).toEqual(before);
  expect(after.migrations.map(({ logs }) => logs)).toEqual(['dropped', 'dropped', undefined]);
  const told = renderSummary(after, { width: 80, colour: false, directory: run });
  expect(told).toContain('logs of 2 migrations that completed are dropped');
  expect(renderSummary(before, { width: 80, colour: false, directory: run })).not.toContain('are dropped');
});

test('to explain a migration whose logs are dropped tells that, and of others that there are none', async () => {
  await condensed(1);
  expect(await refusal(() => explain(join(run, 'migrations/0001')))).toEqual([
    64,
    `there is no ${run}/migrations/0001: migration 1 completed, and a long run drops the logs of old ones that did`,
  ]);
  const [, other] = await refusal(() => explain(join(run, 'migrations/0009')));
  expect(other).toBe(`there is no ${run}/migrations/0009`);
});

test('what is dropped while a run is read is found as it was', async () => {
  const [expected] = (await loadRun(run)).migrations;
  const window = expected && frozenWindow(expected.observation, expected.files);
  const { migrations } = await loadRun(run);
  await condensed(1);
  const [first] = migrations;
  expect(first?.files.dumpLog).toBeNull();
  expect(first && frozenWindow(first.observation, first.files)).toEqual(window);
  expect(first?.files.dropped).toEqual({ frozenWindow: window });
});

test('lines of migrations and of what was kept of them lie in pieces', async () => {
  const before = await deriveRecord(run);
  await condensed(1);
  for (const name of ['migrations.ndjson', 'condensed.ndjson']) {
    const path = join(run, name);
    beginAnew(path, pieceName(path, 1));
    await compress(pieceName(path, 1));
    expect([readFileSync(path, 'utf8'), existsSync(`${pieceName(path, 1)}.gz`)]).toEqual(['', true]);
  }
  await condensed(2);
  expect(withoutMark(await deriveRecord(run))).toEqual(before);
});

test.each<[string, (line: string) => string, string]>([
  ['no JSON', () => '{', 'condensed.ndjson:1 is damaged: '],
  ['another shape', (line) => line.replace('"dumpStats":{', '"dumpStats":{"more":1,'), 'dumpStats: '],
])('a line with %s is refused with its place', async (_, change, message) => {
  await condensed(1);
  const path = join(run, 'condensed.ndjson');
  writeFileSync(path, `${change(readFileSync(path, 'utf8').trim())}\n`);
  const [code, text] = await refusal(() => deriveRecord(run));
  expect([code, text.includes(message)]).toEqual([64, true]);
});
