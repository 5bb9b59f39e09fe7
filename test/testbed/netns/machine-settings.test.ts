import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dropLease, takeLease } from '../../../harness/testbed/netns/lease.ts';
import {
  abandonedSettings,
  borrowSettings,
  type MachineSetting,
  returnSettings,
} from '../../../harness/testbed/netns/machine-settings.ts';

const PIPES: MachineSetting[] = [
  { name: 'fs.pipe-soft', value: 0 },
  { name: 'fs.pipe-max', value: 4096, atLeast: true },
];
let places: { stateDirectory: string; sysctls: string };
beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), 'thaw-settings-'));
  places = { stateDirectory: join(root, 'state'), sysctls: root };
  mkdirSync(join(root, 'fs'));
  put('fs/pipe-soft', '16384\n');
  put('fs/pipe-max', '1024\n');
});
afterEach(() => rmSync(places.sysctls, { recursive: true }));

function put(name: string, value: string): void {
  writeFileSync(join(places.sysctls, name), value);
}
const now = (): string[] =>
  ['fs/pipe-soft', 'fs/pipe-max'].map((name) => readFileSync(join(places.sysctls, name), 'utf8').trim());
const lease = () => takeLease(places.stateDirectory);

test('the last of two users puts back what was there before the first', async () => {
  const [a, b] = [lease(), lease()];
  await Promise.all([borrowSettings(PIPES, a.id, places), borrowSettings(PIPES, b.id, places)]);
  expect(now()).toEqual(['0', '4096']);
  await returnSettings(a.id, places);
  expect(now()).toEqual(['0', '4096']);
  await returnSettings(b.id, places);
  expect(now()).toEqual(['16384', '1024']);
  await returnSettings(b.id, places);
  expect(now()).toEqual(['16384', '1024']);
});

test('what is large enough is left alone, and so is what somebody changed meanwhile', async () => {
  put('fs/pipe-max', '8192\n');
  const only = lease();
  await borrowSettings(PIPES, only.id, places);
  expect(now()).toEqual(['0', '8192']);
  put('fs/pipe-soft', '77\n');
  await returnSettings(only.id, places);
  expect(now()).toEqual(['77', '8192']);
});

test('settings of a run that was killed are found and put back, those of a living one are not', async () => {
  const killed = lease();
  await borrowSettings(PIPES, killed.id, places);
  expect((await abandonedSettings(places)).what).toEqual([]);
  dropLease(killed);
  const { what, putBack } = await abandonedSettings(places);
  expect(what).toEqual(['fs.pipe-soft = 16384', 'fs.pipe-max = 1024']);
  expect(now()).toEqual(['0', '4096']);
  await putBack();
  expect(now()).toEqual(['16384', '1024']);
  expect((await abandonedSettings(places)).what).toEqual([]);
});

test('a run after a killed one knows what was there before that', async () => {
  const killed = lease();
  await borrowSettings(PIPES, killed.id, places);
  dropLease(killed);
  const next = lease();
  await borrowSettings(PIPES, next.id, places);
  await returnSettings(next.id, places);
  expect(now()).toEqual(['16384', '1024']);
});

test('a refusal is told with the setting, and what was changed is put back', async () => {
  const only = lease();
  await expect(borrowSettings([{ name: 'fs.none', value: 1 }], only.id, places)).rejects.toThrow(/fs\.none/);
  expect(now()).toEqual(['16384', '1024']);
});
