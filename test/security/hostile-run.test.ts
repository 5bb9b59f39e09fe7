import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { evidenceIn } from '../../harness/diagnosis/read.ts';
import { explain } from '../../harness/explain.ts';
import { deriveRecord } from '../../harness/run.ts';
import { loadRecord } from '../../harness/store/load-record.ts';
import { loadSweepDirectory } from '../../harness/store/sweep.ts';
import { makeRun, refusal, scratch } from '../store/fixture.ts';

/** What nobody may get to see by reporting on a stranger's run. */
const SECRET = 'root:x:0:0:the-secret-of-this-machine';

let place: ReturnType<typeof scratch>;
let run: string;
let secret: string;
beforeEach(() => {
  place = scratch();
  run = makeRun(place.directory).directory;
  secret = join(place.directory, 'secret');
  writeFileSync(secret, `(00.000001) Error (criu/x.c:1): ${SECRET}\n`);
});
afterEach(() => place.clean());

const READ = [
  'head.json',
  'tail.json',
  'migrations.ndjson',
  'samples.ndjson',
  'condensed.ndjson',
  ...['dump.log', 'restore.log', 'lazy-pages.log', 'stats-dump', 'stats-restore', 'inventory.img'].map(
    (name) => `migrations/0003/${name}`,
  ),
  'migrations/0003/container-before.txt',
];

function replaced(name: string, put: (path: string) => void): void {
  const path = join(run, name);
  rmSync(path, { recursive: true, force: true });
  put(path);
}

describe('a run directory from a stranger', () => {
  it.each(READ)(
    'is refused where %s is a link out of it, and what it leads to is not shown',
    async (name) => {
      replaced(name, (path) => symlinkSync(secret, path));
      const [code, message] = await refusal(() => deriveRecord(run));
      expect([code, message]).toEqual([
        64,
        `${join(run, name)} is damaged: it is a symbolic link, which is not followed`,
      ]);
    },
  );

  it.each(READ)('is refused at once where %s is a FIFO, which nobody writes to', async (name) => {
    replaced(name, (path) => execFileSync('mkfifo', [path]));
    expect(await refusal(() => deriveRecord(run))).toEqual([64, `${join(run, name)} is damaged: no file`]);
  });

  it.each(['migrations', 'migrations/0003'])('is refused where the folder %s is a link', async (name) => {
    const elsewhere = join(place.directory, 'elsewhere');
    renameSync(join(run, name), elsewhere);
    symlinkSync(elsewhere, join(run, name));
    const [, message] = await refusal(() => deriveRecord(run));
    expect(message).toBe(`${join(run, name)} is damaged: it is a symbolic link, which is not followed`);
  });

  it('is refused where record.json is a link, by whatever reads records', async () => {
    symlinkSync(secret, join(run, 'record.json'));
    const told = `${join(run, 'record.json')} is damaged: it is a symbolic link, which is not followed`;
    expect(await refusal(() => loadRecord(run))).toEqual([64, told]);
    expect(await refusal(() => explain(run))).toEqual([64, told]);
  });

  it('gets its record and page beside what they replace: a link there is replaced, and its target is left', async () => {
    symlinkSync(secret, join(run, 'record.json'));
    symlinkSync(secret, join(run, 'report.html'));
    symlinkSync(secret, join(run, 'record.json.new'));
    await deriveRecord(run);
    expect(readFileSync(secret, 'utf8')).toContain(SECRET);
    expect(readFileSync(join(run, 'record.json'), 'utf8')).not.toContain(SECRET);
  });

  it.each(['../../../secret', '/etc', 'migrations/../../x', 'migrations/0001/..'])(
    'cannot name %s as the place of its files',
    async (files) => {
      const lines = readFileSync(join(run, 'migrations.ndjson'), 'utf8');
      writeFileSync(join(run, 'migrations.ndjson'), lines.replace('migrations/0001', files));
      const [code, message] = await refusal(() => deriveRecord(run));
      expect(code).toBe(64);
      expect(message).toContain('migrations.ndjson:1 is damaged: files');
    },
  );

  it('is not taken into memory where a file of it pretends to be huge', async () => {
    writeFileSync(join(run, 'migrations/0001/stats-dump'), '');
    truncateSync(join(run, 'migrations/0001/stats-dump'), 2 ** 40);
    const [code, message] = await refusal(() => deriveRecord(run));
    expect([code, message]).toEqual([
      64,
      `${join(run, 'migrations/0001/stats-dump')} is damaged: it has ${2 ** 40} bytes, and at most ${2 ** 20} are read`,
    ]);
  });

  it.each([1e308, -1e308, 1.1e12])(
    'is refused where a request ends at %d ms, which no page could hold',
    async (end) => {
      const lines = readFileSync(join(run, 'samples.ndjson'), 'utf8').split('\n');
      const sample = { ...JSON.parse(lines[0] ?? ''), end };
      writeFileSync(join(run, 'samples.ndjson'), lines.with(0, JSON.stringify(sample)).join('\n'));
      const [code, message] = await refusal(() => deriveRecord(run));
      expect([code, message]).toEqual([64, expect.stringContaining('samples.ndjson:1 is damaged: end')]);
    },
  );

  it.each([1e308, -1e308, 2 ** 53])('is refused where a command ends at %d ms', async (earliest) => {
    const lines = readFileSync(join(run, 'migrations.ndjson'), 'utf8').split('\n');
    const migration = JSON.parse(lines[1] ?? '');
    migration.steps.checkpoint.exit.earliest = earliest;
    writeFileSync(join(run, 'migrations.ndjson'), lines.with(1, JSON.stringify(migration)).join('\n'));
    expect(await refusal(() => deriveRecord(run))).toEqual([
      64,
      `${join(run, 'migrations.ndjson')}:2 is damaged: steps.checkpoint.exit.earliest is no instant and no count`,
    ]);
  });

  it.each(['head.json', 'tail.json', 'migrations.ndjson', 'samples.ndjson'])(
    'is refused where %s is a million lists in each other',
    async (name) => {
      const text = `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}\n`;
      writeFileSync(join(run, name), text);
      expect((await refusal(() => deriveRecord(run)))[1]).toContain(`${name}`);
    },
  );

  it('is reported on where one ends in thirty years', async () => {
    const lines = readFileSync(join(run, 'samples.ndjson'), 'utf8').split('\n');
    const sample = { ...JSON.parse(lines[0] ?? ''), due: -1e12, end: 1e12 };
    writeFileSync(join(run, 'samples.ndjson'), lines.with(0, JSON.stringify(sample)).join('\n'));
    expect((await deriveRecord(run)).migrations).toHaveLength(3);
  });

  it('of a sweep cannot name runs outside of it, nor be a link itself', async () => {
    const plan = { schema: 1, startedAt: '', name: 'x', why: '', seed: 1, axes: [], rounds: 1, cells: [{}] };
    writeFileSync(join(run, 'sweep.json'), JSON.stringify(plan));
    writeFileSync(join(run, 'runs.ndjson'), '{"cell":0,"round":1,"run":"../../etc"}\n');
    expect((await refusal(() => loadSweepDirectory(run)))[1]).toContain('runs.ndjson:1 is damaged: run');
    replaced('runs.ndjson', (path) => symlinkSync(secret, path));
    expect((await refusal(() => loadSweepDirectory(run)))[1]).toContain('symbolic link');
  });

  it('runs nothing that lies in it: programs there keep still', async () => {
    const told = join(place.directory, 'ran');
    for (const name of ['runc', 'criu', 'report', 'hook', 'node']) {
      writeFileSync(join(run, name), `#!/bin/sh\ntouch ${told}\n`);
      chmodSync(join(run, name), 0o755);
    }
    const { PATH } = process.env;
    process.env.PATH = `${run}:${PATH}`;
    try {
      await deriveRecord(run);
      await explain(run);
    } finally {
      process.env.PATH = PATH;
    }
    expect(() => readFileSync(told)).toThrow('ENOENT');
  });
});

it('logs are not read through a link, whether it is the log or its folder', () => {
  const logs = join(place.directory, 'logs');
  mkdirSync(join(place.directory, 'hidden'));
  mkdirSync(logs);
  writeFileSync(join(place.directory, 'hidden/dump.log'), readFileSync(secret));
  symlinkSync(join(place.directory, 'hidden'), join(logs, 'pre-1'));
  symlinkSync(secret, join(logs, 'restore.log'));
  expect(evidenceIn(logs)).toEqual([]);
});
