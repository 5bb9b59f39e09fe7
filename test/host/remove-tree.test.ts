import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { removeTree } from '../../harness/host/remove-tree.ts';

test('a tree is removed, but not what its links point to', async () => {
  const base = mkdtempSync(join(tmpdir(), 'thaw-remove-'));
  mkdirSync(join(base, 'tree/deep'), { recursive: true });
  mkdirSync(join(base, 'kept'));
  writeFileSync(join(base, 'kept/file'), 'precious');
  symlinkSync(join(base, 'kept'), join(base, 'tree/deep/link'));
  await removeTree(join(base, 'tree'));
  expect([existsSync(join(base, 'tree')), existsSync(join(base, 'kept/file'))]).toEqual([false, true]);
  rmSync(base, { recursive: true });
});

test('a tree in which something is mounted is refused whole', async () => {
  // / has mounts below it on every machine, and is refused before anything is looked at.
  await expect(removeTree('/')).rejects.toThrow('something is mounted at /');
});

test('what is not there is no error', async () => {
  await expect(removeTree('/nowhere/at/all')).resolves.toBeUndefined();
});
