import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Host } from '../../../harness/host/host.ts';
import { firstWrite } from '../../../harness/testbed/remote/first-write.ts';
import { type FakeHost, fakeHost } from '../../fake-host.ts';

let directory: string;
let host: FakeHost | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'thaw-share-'));
});
afterEach(() => {
  host?.remove();
  rmSync(directory, { recursive: true });
});

/** What is told where the share takes a write `afterMs` late. */
async function toldWhileWriting(afterMs: number): Promise<string[]> {
  host = fakeHost('rhel01');
  const { put } = host;
  const limits: (number | undefined)[] = [];
  const late: Host = {
    ...host,
    async put(path, content, mode, limitMs) {
      limits.push(limitMs);
      await sleep(afterMs);
      await put(path, content, mode);
    },
  };
  const path = join(directory, 'file');
  const told: string[] = [];
  await firstWrite(late, { path, content: 'rhel01', mode: 0o600 }, (line) => told.push(line), 200);
  expect(readFileSync(path, 'utf8')).toBe('rhel01');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  // Longer than any server's time of grace is by default.
  expect(limits).toEqual([200_000]);
  return told;
}

test('a share that takes it at once is nothing to tell of', async () => {
  expect(await toldWhileWriting(0)).toEqual([]);
});

test('a share that lets nobody write yet is waited for, and that is told once', async () => {
  expect(await toldWhileWriting(700)).toEqual([
    expect.stringMatching(/^waiting until rhel01 can write to the share: an NFS server that has just begun/),
  ]);
});
