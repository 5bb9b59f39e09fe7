/** Writing into a run directory: on disk when it returns, whole or not at all, and never through a link. */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { EnvironmentError, messageOf } from '../errors.ts';

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;

/**
 * Puts a file in its place, whole. EnvironmentError where that is not possible, which tells what to do; nothing is
 * left then.
 */
export function replaceFile(path: string, text: string, next = OTHER): void {
  const beside = `${path}.new`;
  explained(
    path,
    () => {
      // What a killed process left. A link is removed, not followed.
      rmSync(beside, { force: true });
      try {
        write(beside, O_CREAT | O_EXCL, text);
        renameSync(beside, path);
      } catch (error) {
        rmSync(beside, { force: true });
        throw error;
      }
      syncDirectory(dirname(path));
    },
    next,
  );
}

/** Adds to a file, which is made where it is not there. EnvironmentError where not all of it fits; none is left then. */
export function appendFile(path: string, text: string, next = OTHER): void {
  explained(path, () => write(path, O_CREAT | O_APPEND, text), next);
}

/** Runs what touches `path`; an error of the file system becomes an EnvironmentError that says what to do. */
export function explained<T>(path: string, action: () => T, next = OTHER): T {
  try {
    return action();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (typeof code !== 'string') throw error;
    throw new EnvironmentError(
      `${path} cannot be written: ${REASONS[code] ?? messageOf(error)}`,
      FULL.has(code) ? `make room there, or ${next}` : next,
      error,
    );
  }
}

const REASONS: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left on the file system',
  EDQUOT: 'the quota is used up',
  EEXIST: 'something else is there',
  ENOTDIR: 'a part of the path is not a directory',
  ENOENT: 'the folder is not there',
  EISDIR: 'it is a directory',
  ELOOP: 'it is a symbolic link',
  ENAMETOOLONG: 'the path is too long',
};
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const OTHER = 'give another folder with --reports DIR';

function write(path: string, flags: number, text: string): void {
  const fd = openSync(path, O_WRONLY | O_NOFOLLOW | flags, 0o644);
  try {
    const before = fstatSync(fd).size;
    try {
      for (let rest = Buffer.from(text); rest.length > 0; ) rest = rest.subarray(writeSync(fd, rest));
      fsyncSync(fd);
    } catch (error) {
      // Half a line would spoil the one that is appended next.
      if (fstatSync(fd).isFile()) ftruncateSync(fd, before);
      throw error;
    }
  } finally {
    closeSync(fd);
  }
}

function syncDirectory(path: string): void {
  const fd = openSync(path, O_RDONLY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
