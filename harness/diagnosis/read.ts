/** Logs on disk → what they tell of errors. Read in chunks; never through a link, and never from anything but a file. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { UsageError } from '../errors.ts';
import type { LogEvidence } from '../model.ts';
import { scanLog } from './scan.ts';

/** Null where there is no such file, or where it is none. A name in `.gz` is that of a compressed log. */
export function readEvidence(path: string, name: string): LogEvidence | null {
  const fd = openFile(path);
  if (fd === null) return null;
  try {
    if (!fstatSync(fd).isFile()) return null;
    return name.endsWith('.gz')
      ? scanLog(name.slice(0, -'.gz'.length), [unpacked(path, fd)])
      : scanLog(name, chunksOf(fd));
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
      .filter((name) => /\.log(\.gz)?$/.test(name))
      .sort()
      .slice(0, LOGS_AT_MOST)
      .flatMap((name) => readEvidence(join(directory, part, name), join(part, name)) ?? []),
  );
}

const CHUNK = 1 << 20;
const LOGS_AT_MOST = 20;
/** Of a compressed log and of what it holds: a stranger's must not fill the memory. */
const PACKED_AT_MOST = 1 << 26;
const UNPACKED_AT_MOST = 1 << 28;

function unpacked(path: string, fd: number): Buffer {
  try {
    const { size } = fstatSync(fd);
    if (size > PACKED_AT_MOST) throw new Error(`it has ${size} bytes`);
    const packed = Buffer.alloc(size);
    return gunzipSync(packed.subarray(0, readSync(fd, packed)), { maxOutputLength: UNPACKED_AT_MOST });
  } catch (error) {
    throw new UsageError(`${path} cannot be unpacked: ${(error as Error).message}`, 'name another log');
  }
}

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
