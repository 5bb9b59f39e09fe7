import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { claimFirst, readHook } from '../harness/hook.ts';
import { CommandError } from '../harness/host/host.ts';
import type { TestbedHost } from '../harness/testbed/testbed.ts';
import { fakeHost } from './fake-host.ts';

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

test('a hook that fails before the first migration is told with what it said, and what it must do', async () => {
  const host = fakeHost('rhel01');
  const exec: typeof host.exec = async (argv, { timeoutMs }) => {
    throw new CommandError('rhel01', argv, { status: 3, stdout: '', stderr: 'no route' }, timeoutMs);
  };
  const first = { host: { ...host, exec }, interface: 'eth0' } as unknown as TestbedHost;
  const service = { name: 'x', address: '10.0.0.1', prefixLength: 24, port: 80 };
  await expect(claimFirst('/my/hook', first, service)).rejects.toMatchObject({
    message: expect.stringMatching(
      /^the hook \/my\/hook failed before the first migration: .*exit 3: .*no route$/s,
    ),
    next: expect.stringContaining('docs/handover.md'),
    exitCode: 2,
  });
  host.remove();
});
