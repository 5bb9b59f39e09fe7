/**
 * Recursive removal that never crosses a mount: while a restore runs, a container's state directory holds a
 * bind mount of its root file system, and an ordinary `rm -rf` there would empty the bundle.
 */

import { readFileSync } from 'node:fs';
import { lstat, readdir, rm, rmdir, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EnvironmentError } from '../errors.ts';

/** Removes a tree. Throws an EnvironmentError, and removes nothing, where something is mounted in it. */
export async function removeTree(path: string): Promise<void> {
  const absolute = resolve(path);
  const inside = mountPoints().filter((point) => point === absolute || point.startsWith(`${absolute}/`));
  if (inside.length > 0) {
    throw new EnvironmentError(
      `${absolute} is not removed: something is mounted at ${inside[0]}`,
      'unmount it first, or run `thaw clean`',
    );
  }
  const top = await lstat(absolute).catch(() => null);
  if (top === null) return;
  if (!top.isDirectory()) return unlink(absolute);
  await removeBelow(absolute, top.dev);
  await rmdir(absolute);
}

async function removeBelow(directory: string, device: number): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (!entry.isDirectory()) {
      await rm(path, { force: true });
      continue;
    }
    // A mount that appeared since the look at the mount table still differs in its device.
    if ((await lstat(path)).dev !== device)
      throw new EnvironmentError(`${path} is another file system: not removed`);
    await removeBelow(path, device);
    await rmdir(path);
  }
}

function mountPoints(): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => (line.split(' ')[4] ?? '').replace(/\\040/g, ' '));
}
