import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

test('a log without an error says so', async () => {
  writeFileSync(join(place, 'dump.log'), '(00.1) Dumping finished successfully\n');
  expect(await explain(place)).toEqual([]);
  expect(renderExplanations([], { width: 80, colour: false })).toBe('nothing failed: no error is told\n');
});

test.each([
  ['nothing', () => '/nonexistent/dump.log', 'there is no /nonexistent/dump.log'],
  ['a directory without logs', () => place, /there is no log in/],
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
