/** A run directory with three migrations, as a run leaves it. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ThawError } from '../../harness/errors.ts';
import type { MigrationObservation, RunHead, RunRecord, RunTail, Sample } from '../../harness/model.ts';
import { beginRun, type RunStore } from '../../harness/store/store.ts';
import { passingRecord } from '../report/fixture.ts';

export const CRIU = new URL('../golden/store/criu/', import.meta.url).pathname;

export const record: RunRecord = withFiles(passingRecord());

/** The reports' record, with directories and whole microseconds as CRIU writes them. */
export function withFiles(made: RunRecord): RunRecord {
  const whole = <T extends object>(stats: T): T =>
    Object.fromEntries(
      Object.entries(stats).map(([name, value]) => [
        name,
        typeof value === 'number' ? Math.round(value) : value,
      ]),
    ) as T;
  return {
    ...made,
    migrations: made.migrations.map((migration) => ({
      ...migration,
      dumpStats: whole(migration.dumpStats),
      restoreStats: whole(migration.restoreStats),
      files: `migrations/${String(migration.number).padStart(4, '0')}`,
    })),
  };
}

const { schema: _schema, id: _id, ...rest } = record.head;
export const head: Omit<RunHead, 'schema' | 'id'> = { ...rest, startedAt: '2026-01-31T12:00:00.123Z' };

export const tail: RunTail = {
  state: 'completed',
  reason: null,
  endedMs: 12_345.678,
  probe: { resolved: '10.77.0.10', schedulingClass: 'fifo', cpuMs: 100, maxRssMiB: 60 },
  heartbeat: { periodMs: 1, pauses: [{ earliest: 1, latest: 200.5 }] },
};

export function observation(number: number): MigrationObservation {
  return {
    number,
    warmUp: number === 1,
    source: 'rhel01',
    destination: 'rhel02',
    begunMs: number * 1_000,
    endedMs: number * 1_000 + 300,
    outcome:
      number === 3
        ? { state: 'failed', phase: 'dump', survivor: 'rhel01', rolledBack: false, error: 'exit 1' }
        : { state: 'completed' },
    steps: {
      checkpoint: {
        host: 'rhel01',
        argv: ['runc', 'checkpoint', 'web'],
        exec: { earliest: 1, latest: 2 },
        exit: { earliest: 3, latest: 4 },
        status: number === 3 ? 1 : 0,
      },
    },
    dumpLog: [{ beforeMs: 1, afterMs: 2, bytes: 100 }],
    restoreLog: [],
    freezer: [{ beforeMs: 1, afterMs: 2, frozen: true }],
    clocks: [{ host: 'rhel01', askedMs: 1, answeredMs: 2, hostNs: '12', wallOffsetMs: null }],
    files: `migrations/${String(number).padStart(4, '0')}`,
    preDumps: [],
    imageBytes: number === 3 ? null : 6_212_331,
    pageImageBytes: number === 3 ? null : 5_300_224,
    dropRules: { found: 0, removed: 0 },
    running: [
      { host: 'rhel01', running: false },
      { host: 'rhel02', running: true },
    ],
    hygiene: [],
    faults: [],
    captures: [],
    retries: 0,
  };
}

export const samples: Sample[] = [
  {
    n: 0,
    due: 0,
    state: 'answered',
    sent: 0.1,
    firstByte: 1,
    end: 1.5,
    status: 200,
    host: 'rhel01',
    bytes: 7,
    connection: 1,
  },
  {
    n: 1,
    due: 10,
    state: 'failed',
    sent: 10.1,
    end: 11,
    kind: 'refused',
    detail: 'ECONNREFUSED',
    connection: null,
  },
  { n: 2, due: 20, state: 'dropped' },
];

/** A directory that `clean` removes. */
export function scratch(): { directory: string; clean(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'thaw-store-'));
  return { directory, clean: () => rmSync(directory, { recursive: true, force: true }) };
}

export function makeRun(reports: string): RunStore {
  const store = beginRun(reports, head, 'name: httpd\n');
  for (const number of [1, 2, 3]) {
    const { filesDirectory } = store.filesOf(number);
    mkdirSync(filesDirectory, { recursive: true });
    if (number < 3) cpSync(CRIU, filesDirectory, { recursive: true });
    writeFileSync(join(filesDirectory, 'dump.log'), `(00.00000${number}) hello\n`);
    store.appendMigration(observation(number));
  }
  writeFileSync(store.samplesFile, samples.map((sample) => `${JSON.stringify(sample)}\n`).join(''));
  store.finish(tail);
  return store;
}

/** Exit code and message of the ThawError that is thrown; anything else fails. */
export async function refusal(action: () => unknown): Promise<[number, string]> {
  try {
    await action();
  } catch (error) {
    if (error instanceof ThawError) return [error.exitCode, error.message];
    throw error;
  }
  throw new Error('nothing was refused');
}
