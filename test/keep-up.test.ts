import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startClock } from '../harness/clock.ts';
import { keepUp } from '../harness/keep-up.ts';
import type { MigrationObservation } from '../harness/model.ts';
import type { Probe } from '../harness/probe/start.ts';
import { loadRun } from '../harness/store/load.ts';
import { beginRun, type RunStore } from '../harness/store/store.ts';
import { head, observation, scratch } from './store/fixture.ts';

let place: ReturnType<typeof scratch>;
let store: RunStore;
beforeEach(() => {
  place = scratch();
  store = beginRun(place.directory, head, '');
});
afterEach(() => place.clean());

const probe = { rotate: async () => {} } as unknown as Probe;
const LARGE = Buffer.alloc(3 << 20, 'x\n');

function kept(count: number, rotated = async (_: string): Promise<void> => {}) {
  const scenario = { ...head.scenario, migration: { ...head.scenario.migration, count } };
  const transcript = { record() {}, close: async () => {}, rotate: rotated };
  return keepUp({ store, transcript, clock: startClock(), scenario });
}

function done(number: number, failed = false, captured = false): MigrationObservation {
  const { filesDirectory } = store.filesOf(number);
  mkdirSync(filesDirectory, { recursive: true });
  writeFileSync(join(filesDirectory, 'dump.log'), `(00.00000${number}) hello\n`);
  const file = captured ? `migrations/${String(number).padStart(4, '0')}/packets-rhel01.pcap` : null;
  const capture = { kind: 'packets', host: 'rhel01', begunMs: 1, endedMs: 2, bytes: 1, file } as const;
  const nothing = { packets: null, firstMs: null, lastMs: null, why: null };
  const made: MigrationObservation = {
    ...observation(number),
    outcome: failed
      ? { state: 'failed', phase: 'dump', survivor: 'rhel01', rolledBack: false, error: 'exit 1' }
      : { state: 'completed' },
    captures: [{ ...capture, ...nothing }],
  };
  store.appendMigration(made);
  return made;
}

test('of a long run the newest 50 that completed keep their logs, and each that failed or was captured', async () => {
  const keep = kept(201);
  for (let number = 1; number <= 60; number++) {
    await keep(done(number, number === 2, number === 4), probe);
  }
  const there = readdirSync(join(store.directory, 'migrations')).sort();
  // 58 completed without a capture: the eight oldest of them are gone.
  expect(there.slice(0, 3)).toEqual(['0002', '0004', '0011']);
  expect(there).toHaveLength(52);
  expect(readdirSync(store.filesOf(2).filesDirectory)).toEqual(['dump.log']);
  expect(readdirSync(store.filesOf(60).filesDirectory)).toEqual(['dump.log.gz']);
  const { migrations } = await loadRun(store.directory);
  expect(
    migrations.flatMap(({ observation: { number }, files }) => (files.dropped === undefined ? [] : number)),
  ).toEqual([1, 3, 5, 6, 7, 8, 9, 10]);
});

test('a run that is not long keeps everything as it was written', async () => {
  const keep = kept(200);
  for (let number = 1; number <= 60; number++) await keep(done(number), probe);
  expect(readdirSync(join(store.directory, 'migrations'))).toHaveLength(60);
  expect(readdirSync(store.filesOf(1).filesDirectory)).toEqual(['dump.log']);
});

test('of the transcript the first piece, those of failures, and the newest eight are kept', async () => {
  const keep = kept(201, async (to) => renameSync(store.transcriptFile, to));
  for (let number = 1; number <= 14; number++) {
    writeFileSync(store.transcriptFile, LARGE);
    await keep(done(number, number === 3), probe);
  }
  const pieces = readdirSync(store.directory).filter((name) => /^transcript\.\d/.test(name));
  expect(pieces.map((name) => Number(name.split('.')[1])).sort((a, b) => a - b)).toEqual([
    1, 3, 7, 8, 9, 10, 11, 12, 13, 14,
  ]);
});
