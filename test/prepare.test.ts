import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readHook } from '../harness/prepare.ts';

const place = mkdtempSync(join(tmpdir(), 'thaw-hook-'));
afterAll(() => rmSync(place, { recursive: true }));

test('a hook that is a program comes to hosts as it is', async () => {
  const program = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0x00, 0xff, 0xfe, 0x80]);
  writeFileSync(join(place, 'hook'), program);
  expect(await readHook(join(place, 'hook'))).toEqual(program);
});

test.each([
  ['nowhere', 'is not there'],
  ['.', 'is no file'],
  // Nobody writes to it: who read it would wait for ever.
  ['fifo', 'is no file'],
])('a hook %s is refused: it %s', async (name, why) => {
  if (name === 'fifo') execFileSync('mkfifo', [join(place, name)]);
  const path = join(place, name);
  await expect(readHook(path)).rejects.toMatchObject({
    message: `handover.hook: ${path} ${why}`,
    exitCode: 64,
  });
});
