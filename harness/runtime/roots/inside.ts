/** Paths in a root file system, followed as a process in it would: its links lead to places in it, never out of it. */
import { readlink } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { UsageError } from '../../errors.ts';

const LINKS_AT_MOST = 40;

/** Where `path` lies on this machine, with every link on the way followed; what is not there yet is taken as it is. */
export async function insideOf(root: string, path: string): Promise<string> {
  let left = path.split('/');
  let at = '/';
  for (let links = 0; left.length > 0; ) {
    const [part = '', ...rest] = left;
    left = rest;
    // `..` of the root is the root.
    const next = posix.join(at, part);
    const target = await readlink(join(root, next)).catch(() => null);
    if (target === null) {
      at = next;
      continue;
    }
    if (++links > LINKS_AT_MOST) throw new UsageError(`${path} leads in circles in the root file system`);
    if (target.startsWith('/')) at = '/';
    left = [...target.split('/'), ...left];
  }
  return join(root, at);
}
