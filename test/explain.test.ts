import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UsageError } from '../harness/errors.ts';
import { explain } from '../harness/explain.ts';
import { renderExplanations } from '../harness/report/explanation.ts';

const LOCKED =
  '(00.1) Error (criu/f.c:1): Some file locks are hold by dumping tasks! You can try --file-locks to dump them.\n';
let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'thaw-explain-'));
});
afterEach(() => rmSync(place, { recursive: true }));

test('a log and a directory of logs are explained alike', async () => {
  writeFileSync(join(place, 'dump.log'), LOCKED);
  for (const path of [join(place, 'dump.log'), place]) {
    const [only] = await explain(path);
    expect(only?.diagnosis).toMatchObject({ failure: 'file-lock', sources: ['criu#2018'] });
  }
});

test('a compressed log, as long runs have them, is read as it was; what is none is refused', async () => {
  writeFileSync(join(place, 'dump.log.gz'), gzipSync(LOCKED));
  for (const path of [join(place, 'dump.log.gz'), place]) {
    const [only] = await explain(path);
    expect(only?.diagnosis).toMatchObject({ failure: 'file-lock', line: { log: 'dump.log' } });
  }
  writeFileSync(join(place, 'dump.log.gz'), LOCKED);
  await expect(explain(place)).rejects.toThrow('dump.log.gz cannot be unpacked');
});

test('a log without an error says so', async () => {
  writeFileSync(join(place, 'dump.log'), '(00.1) Dumping finished successfully\n');
  expect(await explain(place)).toEqual([]);
  expect(renderExplanations([], { width: 80, colour: false })).toBe('no error was found\n');
});

test('of an empty log nothing can be told', async () => {
  writeFileSync(join(place, 'dump.log'), '');
  for (const path of [join(place, 'dump.log'), place])
    expect(await explain(path)).toEqual([{ what: path, diagnosis: null }]);
  expect(renderExplanations([{ what: 'dump.log', diagnosis: null }], { width: 80, colour: false })).toBe(
    '✗ dump.log\n  unknown: the logs are empty, or none was kept\n',
  );
});

test('an empty log beside one that tells an error hides nothing', async () => {
  writeFileSync(join(place, 'dump.log'), '');
  writeFileSync(join(place, 'restore.log'), LOCKED.replace('f.c:1', 'f.c:2'));
  expect((await explain(place)).map(({ diagnosis }) => diagnosis?.line?.log)).toEqual(['restore.log']);
});

test.each([
  ['bytes', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0, 1]), 'dump.log is binary, not text'],
  ['compressed bytes', Buffer.from(Array.from({ length: 500 }, (_, i) => 128 + (i % 120))), 'is binary'],
  ['prose', 'This text is not about errors.\n', 'is no log of CRIU or of a runtime'],
])('a file of %s is refused', async (_, content, message) => {
  writeFileSync(join(place, 'dump.log'), content);
  await expect(explain(join(place, 'dump.log'))).rejects.toThrow(UsageError);
  await expect(explain(place)).rejects.toThrow(message);
});

test('a line of a known failure is enough, wherever it was pasted from', async () => {
  writeFileSync(join(place, 'mail.txt'), 'error: Connected TCP socket, consider using --x\n');
  const [only] = await explain(join(place, 'mail.txt'));
  expect(only?.diagnosis?.failure).toBe('connected-socket');
});

function packed(): string {
  const path = join(place, 'bug.tar.gz');
  writeFileSync(path, gzipSync('a run'));
  return path;
}

test.each([
  ['nothing', () => '/nonexistent/dump.log', 'there is no /nonexistent/dump.log'],
  ['a directory without logs', () => place, /there is no log in/],
  ['an archive', () => packed(), /bug\.tar\.gz is an archive$/],
  ['a device', () => '/dev/null', '/dev/null is neither a file nor a directory'],
])('%s is the mistake of whoever asked', async (_, path, message) => {
  const asked = explain(path());
  await expect(asked).rejects.toThrow(UsageError);
  await expect(explain(path())).rejects.toThrow(message);
});

test('what a log says cannot write to the terminal but text', async () => {
  mkdirSync(join(place, 'logs'));
  writeFileSync(
    join(place, 'logs/dump.log'),
    `(00.1) Error (criu/f.c:1): \u001b[2J\u202e${'x'.repeat(5_000)}\n`,
  );
  const shown = renderExplanations(await explain(join(place, 'logs')), { width: 80, colour: false });
  expect(shown).toMatch(/^[\p{L}\p{N}\p{P}\p{S} \n]+$/u);
  expect(shown.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

test('the answer reads as its golden file', async () => {
  writeFileSync(join(place, 'dump.log'), LOCKED);
  const shown = renderExplanations(await explain(join(place, 'dump.log')), { width: 80, colour: false });
  await expect(shown.replace(place, '/images')).toMatchFileSnapshot('golden/report/explain.txt');
});
