import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packRun } from '../harness/pack.ts';
import { loadRecord } from '../harness/store/load-record.ts';
import { makeRun } from './store/fixture.ts';

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'thaw-pack-test-'));
});
afterEach(() => rmSync(place, { recursive: true }));

const KEY = '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAAsecretsecret\n-----END OPENSSH PRIVATE KEY-----';

function runWithSecrets(): string {
  const { directory } = makeRun(join(place, 'reports'));
  const lines = [
    { argv: ['env', 'DB_PASSWORD=hunter2hunter2', 'curl', 'https://me:s3cretpass@host/'], stdout: KEY },
    {
      argv: ['ip', 'address', 'add', '10.20.30.40/24'],
      stderr: 'hunter2hunter2 from fd12:3456::7 de:ad:be:ef:00:01',
    },
  ];
  writeFileSync(
    join(directory, 'transcript.ndjson'),
    lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
  );
  return directory;
}

function unpacked(file: string): string {
  const into = mkdtempSync(join(place, 'out-'));
  execFileSync('tar', ['-xzf', file, '-C', into, '--strip-components=1']);
  return into;
}

test('an archive tells nothing that is secret, says what was taken out, and can still be read as a run', async () => {
  const directory = runWithSecrets();
  const file = join(place, 'bug.tar.gz');
  const packed = await packRun(directory, file, { images: false });
  const out = unpacked(file);
  const transcript = readFileSync(join(out, 'transcript.ndjson'), 'utf8');
  for (const secret of ['hunter2', 's3cretpass', 'AAAAsecret', '10.20.30.40', 'fd12:', 'de:ad:be']) {
    expect(transcript).not.toContain(secret);
  }
  const [first, second] = transcript
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(first.argv[1]).toMatch(/^DB_PASSWORD=REDACTED-secret-\d+$/);
  // The same placeholder, also where nothing says that it is a secret.
  expect(second.stderr).toContain(first.argv[1].slice('DB_PASSWORD='.length));
  expect(second.argv.at(-1)).toMatch(/^192\.0\.2\.\d+\/24$/);
  expect(packed.redacted.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['private key', 'secret']));
  expect(readFileSync(join(out, 'REDACTED.txt'), 'utf8')).toContain('private key: 1 values in 1 places');
  expect((await loadRecord(out)).head.scenario.service.address).toMatch(/^192\.0\.2\./);
});

test('the same run gives the same bytes, and links are told and not followed', async () => {
  const directory = runWithSecrets();
  writeFileSync(join(place, 'outside'), 'shadow');
  symlinkSync(join(place, 'outside'), join(directory, 'migrations/0001/dump.log.link'));
  mkdirSync(join(directory, 'own'));
  writeFileSync(join(directory, 'own/notes'), 'mine');
  const first = await packRun(directory, join(place, 'a.tar.gz'), { images: false });
  await packRun(directory, join(place, 'b.tar.gz'), { images: false });
  expect(readFileSync(join(place, 'a.tar.gz')).equals(readFileSync(join(place, 'b.tar.gz')))).toBe(true);
  expect(first.leftOut).toEqual([
    { name: 'migrations/0001/dump.log.link', why: 'a symbolic link' },
    { name: 'own/notes', why: 'no part of a run that is known' },
  ]);
});

test('what a long run has compressed is unpacked and redacted, and the archive is read as the run was', async () => {
  const directory = runWithSecrets();
  const secret = JSON.stringify({ argv: ['env', 'DB_PASSWORD=hunter2hunter2'] });
  writeFileSync(join(directory, 'transcript.0001.ndjson.gz'), gzipSync(`${secret}\n`));
  writeFileSync(join(directory, 'samples.0001.ndjson.gz'), 'damaged');
  const log = readFileSync(join(directory, 'migrations/0001/dump.log'));
  rmSync(join(directory, 'migrations/0001/dump.log'));
  writeFileSync(join(directory, 'migrations/0001/dump.log.gz'), gzipSync(log));
  const { leftOut } = await packRun(directory, join(place, 'bug.tar.gz'), { images: false });
  const out = unpacked(join(place, 'bug.tar.gz'));
  expect(leftOut).toEqual([
    { name: 'samples.0001.ndjson.gz', why: expect.stringContaining('it cannot be unpacked') },
  ]);
  expect(readFileSync(join(out, 'transcript.0001.ndjson'), 'utf8')).not.toContain('hunter2');
  expect(readFileSync(join(out, 'migrations/0001/dump.log')).equals(log)).toBe(true);
});

test('kept images go only where they are asked for, and then it is told that they are not redacted', async () => {
  const directory = runWithSecrets();
  const file = join(place, 'bug.tar.gz');
  await expect(packRun(directory, file, { images: true })).rejects.toThrow('has kept no images');
  const name = 'migrations/0001/images-rhel01.tar.gz';
  writeFileSync(join(directory, name), gzipSync('hunter2hunter2'));
  const without = await packRun(directory, file, { images: false });
  expect([without.files.includes(name), without.unredacted]).toEqual([false, []]);
  expect(without.leftOut).toEqual([{ name, why: expect.stringContaining('--images takes it') }]);
  expect(readFileSync(join(unpacked(file), 'REDACTED.txt'), 'utf8')).toContain('Images are not in it');
  const packed = await packRun(directory, file, { images: true });
  expect([packed.files.includes(name), packed.unredacted, packed.leftOut]).toEqual([true, [name], []]);
  const out = unpacked(file);
  expect(readFileSync(join(out, name)).equals(readFileSync(join(directory, name)))).toBe(true);
  expect(readFileSync(join(out, 'REDACTED.txt'), 'utf8')).toMatch(
    /NOT redacted, as asked for: the memory of the container.*\n {2}"migrations\/0001\/images-rhel01.tar.gz"/,
  );
});

test('the positions of looks at a log are moved with what is redacted in it', async () => {
  const directory = runWithSecrets();
  const lines = ['(00.000001) bind 10.20.30.40', '(00.000002) bind 10.20.30.40 again', ''];
  writeFileSync(join(directory, 'migrations/0001/dump.log'), lines.join('\n'));
  const file = join(directory, 'migrations.ndjson');
  const [first = '', ...others] = readFileSync(file, 'utf8').split('\n');
  const observation = JSON.parse(first);
  const looks = [28, 29, 64].map((bytes) => ({ beforeMs: 1, afterMs: 2, bytes }));
  const changed = JSON.stringify({ ...observation, dumpLog: looks });
  writeFileSync(file, [changed, ...others].join('\n'));
  await packRun(directory, join(place, 'bug.tar.gz'), { images: false });
  const out = unpacked(join(place, 'bug.tar.gz'));
  const log = readFileSync(join(out, 'migrations/0001/dump.log'), 'utf8');
  const [packed = ''] = readFileSync(join(out, 'migrations.ndjson'), 'utf8').split('\n');
  const end = log.indexOf('\n') + 1;
  expect(log).not.toContain('10.20.30.40');
  expect(JSON.parse(packed).dumpLog.map(({ bytes }: { bytes: number }) => bytes)).toEqual([
    end - 1,
    end,
    log.length,
  ]);
});
