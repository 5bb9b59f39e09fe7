/** A baseline: the records of runs in one file, kept to compare later runs with when the runs themselves are gone. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { messageOf, UsageError } from '../errors.ts';
import type { RunRecord } from '../model.ts';
import { checked, parseJson } from './checked.ts';
import { replaceFile } from './disk.ts';
import { SCHEMA_VERSION } from './schema.ts';
import { recordSchema } from './schema-record.ts';

/** Changes with that of the records that it holds. */
export const BASELINE_VERSION = SCHEMA_VERSION;

const baselineSchema = z.strictObject({
  baseline: z.literal(BASELINE_VERSION) as z.ZodType<number>,
  runs: z.array(recordSchema).min(1),
});

/** The same runs give the same bytes. EnvironmentError where it cannot be written; nothing is half written. */
export function saveBaseline(file: string, runs: readonly RunRecord[]): void {
  const baseline = baselineSchema.parse({ baseline: BASELINE_VERSION, runs });
  replaceFile(file, `${JSON.stringify(baseline)}\n`, 'give another file');
}

/** UsageError where it is none, damaged, or of another schema. */
export function loadBaseline(file: string): RunRecord[] {
  const value = parseJson(file, read(file));
  const version = (value as { baseline?: unknown } | null)?.baseline;
  if (version === undefined) {
    throw new UsageError(
      `${file} is no baseline`,
      `make one of runs: thaw compare --save-baseline ${file} RUN…`,
    );
  }
  if (version !== BASELINE_VERSION) {
    throw new UsageError(
      `${file} is a baseline of schema ${JSON.stringify(version)}, and this Thaw compares with schema ${BASELINE_VERSION}`,
      'save it again from its runs with this Thaw, or compare with the Thaw that wrote it',
    );
  }
  return checked(baselineSchema, value, file).runs;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${messageOf(error)}`);
  }
}
