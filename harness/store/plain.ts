/**
 * Reading in a directory that a stranger may have made: what leads out of it (a link) or has no end (a FIFO, a device)
 * is refused, and nothing larger than a limit is taken into memory.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, UsageError } from '../errors.ts';

/** `directory/name`, where nothing of `name` is a link and its last part is a file or not there; else a UsageError. */
export function plain(directory: string, name: string): string {
  const parts = name.split('/');
  let path = directory;
  for (const [index, part] of parts.entries()) {
    path = join(path, part);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) break;
    if (found.isSymbolicLink()) throw damaged(path, 'it is a symbolic link, which is not followed');
    if (index === parts.length - 1 && !found.isFile()) throw damaged(path, 'no file');
  }
  return join(directory, name);
}

/** All of a file; null where it is not there. UsageError where it is none, is a link, or has more than `atMost` bytes. */
export function readPlain(path: string, atMost: number): Buffer | null {
  const fd = openPlain(path);
  if (fd === null) return null;
  try {
    const { size } = fstatSync(fd);
    if (size > atMost) throw damaged(path, `it has ${size} bytes, and at most ${atMost} are read`);
    return readUpTo(fd, size);
  } finally {
    closeSync(fd);
  }
}

/** The first `atMost` bytes of a file; null where it is not there. */
export function readBeginning(path: string, atMost: number): Buffer | null {
  const fd = openPlain(path);
  if (fd === null) return null;
  try {
    return readUpTo(fd, Math.min(fstatSync(fd).size, atMost));
  } finally {
    closeSync(fd);
  }
}

/** An error about a file of a run directory, or a line of one. */
export function damaged(where: string, what: string): UsageError {
  return new UsageError(
    `${where} is damaged: ${what}`,
    'copy the run directory again from where it was made',
  );
}

/** Without O_NONBLOCK the opening of a FIFO waits for a writer. */
function openPlain(path: string): number | null {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw damaged(path, code === 'ELOOP' ? 'it is a symbolic link, which is not followed' : messageOf(error));
  }
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw damaged(path, 'no file');
}

function readUpTo(fd: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let filled = 0;
  for (let read = 1; read > 0 && filled < size; filled += read)
    read = readSync(fd, bytes, filled, size - filled, null);
  return bytes.subarray(0, filled);
}
