/** What a migration leaves in the run directory. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Whether the file is there, whole. Where the controller's disk does not take it, it is lost and nothing else is: no
 * container is given up for a log. What cannot be known without it is told as unknown, and the record, which is written
 * next, tells that there is no room.
 */
export function keepFile(directory: string, name: string, content: string | Buffer): boolean {
  const path = join(directory, name);
  if (!keepFolder(directory)) return false;
  const isKept = taken(() => writeFileSync(path, content));
  // Half of a file would be taken for all of it.
  if (!isKept) taken(() => rmSync(path, { force: true }));
  return isKept;
}

/** Whether it is there. */
export function keepFolder(directory: string): boolean {
  return taken(() => mkdirSync(directory, { recursive: true }));
}

function taken(action: () => unknown): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).code !== 'string') throw error;
    return false;
  }
}
