/** Logs on disk → what they tell of errors. Read in chunks; never through a link, and never from anything but a file. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { LogEvidence } from '../model.ts';
import { scanLog } from './scan.ts';

/** Null where there is no such file, or where it is none. */
export function readEvidence(path: string, name: string): LogEvidence | null {
  const fd = openFile(path);
  if (fd === null) return null;
  try {
    return fstatSync(fd).isFile() ? scanLog(name, chunksOf(fd)) : null;
  } finally {
    closeSync(fd);
  }
}

/** What all logs in a directory tell, pre-dumps first, as they were written; empty where there are none. */
export function evidenceIn(directory: string): LogEvidence[] {
  const parts = namesIn(directory)
    .filter((name) => /^pre-\d{1,6}$/.test(name) && !isLink(join(directory, name)))
    .sort((a, b) => Number(a.slice(4)) - Number(b.slice(4)));
  return [...parts, ''].flatMap((part) =>
    namesIn(join(directory, part))
      .filter((name) => name.endsWith('.log'))
      .sort()
      .slice(0, LOGS_AT_MOST)
      .flatMap((name) => readEvidence(join(directory, part, name), join(part, name)) ?? []),
  );
}

const CHUNK = 1 << 20;
const LOGS_AT_MOST = 20;

function* chunksOf(fd: number): Generator<Buffer> {
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK);
    const read = readSync(fd, chunk);
    if (read === 0) return;
    yield chunk.subarray(0, read);
  }
}

/** Without O_NONBLOCK the opening of a FIFO waits for a writer. */
function openFile(path: string): number | null {
  try {
    return openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO'].includes(code)) return null;
    throw error;
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ENOTDIR'].includes(code)) return [];
    throw error;
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}
