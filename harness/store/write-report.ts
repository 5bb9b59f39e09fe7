/** Writes a report where the user wants it. */
import { writeFileSync } from 'node:fs';
import { EnvironmentError } from '../errors.ts';

/** EnvironmentError where the file cannot be written. */
export function writeReport(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new EnvironmentError(`${path} cannot be written: ${code}`, undefined, error);
  }
}
