/**
 * Whether a run was begun here: its head carries a seal by a key that only this user of this machine has. What a stranger sent
 * has none, and what was changed has another.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ownDirectory } from '../host/own-directory.ts';
import { cacheDirectory } from '../paths.ts';
import { explained, replaceFile } from './disk.ts';
import { plain, readPlain } from './plain.ts';
import { headSchema } from './schema.ts';
import { FILES } from './store.ts';

const SEAL = 'seal';
const HEX = 64;

/** Puts the seal beside the head of a run that has just begun. */
export function seal(directory: string): void {
  const head = JSON.parse(readFileSync(join(directory, FILES.head), 'utf8')) as unknown;
  replaceFile(join(directory, SEAL), `${sealOf(head)}\n`);
}

/** `run`: a run directory or its record, with the head that is about to be run. */
export function isOurs(run: string, head: unknown): boolean {
  const directory = run.endsWith('.json') ? dirname(run) : run;
  const found =
    readPlain(plain(directory, SEAL), HEX + 1)
      ?.toString()
      .trim() ?? '';
  const begun = readPlain(plain(directory, FILES.head), HEAD_AT_MOST)?.toString();
  if (found.length !== HEX || begun === undefined) return false;
  const written = parsed(begun);
  if (!timingSafeEqual(Buffer.from(found), Buffer.from(sealOf(written)))) return false;
  // Read as any head, for a newer Thaw may know of more than was written.
  const read = headSchema.safeParse(written);
  return read.success && sorted(read.data) === sorted(head);
}

const HEAD_AT_MOST = 1 << 24;

/** Null where it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function sealOf(head: unknown): string {
  return createHmac('sha256', key()).update(sorted(head)).digest('hex');
}

/** The same text whatever the order of keys. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    one !== null && typeof one === 'object' && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}

/** Made whole or not at all, where there is none; runs from before are then as those of strangers. */
function key(): Buffer {
  const directory = cacheDirectory();
  ownDirectory(directory);
  const path = join(directory, 'seal-key');
  return explained(path, () => {
    if (!existsSync(path)) {
      const beside = `${path}.${randomBytes(6).toString('hex')}`;
      writeFileSync(beside, randomBytes(32), { mode: 0o600, flag: 'wx' });
      try {
        linkSync(beside, path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      } finally {
        rmSync(beside);
      }
    }
    return readFileSync(path);
  });
}
