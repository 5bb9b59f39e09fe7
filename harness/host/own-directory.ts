/** Directories that decide what root does: for us alone to write, and never taken over from somebody else. */
import { lstatSync, mkdirSync, statSync } from 'node:fs';
import { EnvironmentError } from '../errors.ts';

/** Makes it where it is not there. EnvironmentError where another user made it, or may write to it. */
export function ownDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o755 });
  // A link of our own leads to where there is room; one of somebody else's is theirs to turn.
  for (const { uid, mode } of [lstatSync(path), statSync(path)]) {
    if (!isOurs(uid)) throw notOurs(path, `it belongs to user ${uid}`);
    const isLink = (mode & 0o170000) === 0o120000;
    if (!isLink && (mode & WRITABLE_BY_OTHERS) !== 0) {
      throw notOurs(path, `others may write to it, by its mode ${(mode & 0o7777).toString(8)}`);
    }
  }
}

/** By its group, or by anybody. */
const WRITABLE_BY_OTHERS = 0o022;

/** What root has made can be used by everybody. */
function isOurs(uid: number): boolean {
  return uid === 0 || uid === process.getuid?.();
}

function notOurs(path: string, why: string): EnvironmentError {
  return new EnvironmentError(
    `${path} is not safe: ${why}, and what lies there is used as root`,
    `look at it, and then remove it or mend it: chown root ${path} && chmod 755 ${path}`,
  );
}
