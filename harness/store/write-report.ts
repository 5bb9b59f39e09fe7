/** Writes a report where the user wants it. */
import { statSync, writeFileSync } from 'node:fs';
import { explained, replaceFile } from './disk.ts';

const NEXT = 'give another file';

/** A file whole or not at all; a device or a pipe, such as /dev/stdout, as it is. EnvironmentError where it cannot be. */
export function writeReport(path: string, text: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.isFile()) replaceFile(path, text, NEXT);
  else explained(path, () => writeFileSync(path, text), NEXT);
}
