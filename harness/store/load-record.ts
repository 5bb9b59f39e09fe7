/** Reads the record of a run: record.json, or what the raw files beside it say where it was never written. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { analyse } from '../analysis/analyse.ts';
import { UsageError } from '../errors.ts';
import type { RunRecord } from '../model.ts';
import { checked, loadRun, parseJson, refuseNewer, requireRun } from './load.ts';
import { recordSchema } from './schema-record.ts';
import { FILES } from './store.ts';

/** Of a run directory or of a record.json; UsageError where it is neither, damaged, or of a newer Thaw. */
export async function loadRecord(path: string): Promise<RunRecord> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile()) return readRecord(path);
  requireRun(path);
  const file = join(path, FILES.record);
  return statSync(file, { throwIfNoEntry: false }) === undefined
    ? analyse(await loadRun(path))
    : readRecord(file);
}

function readRecord(path: string): RunRecord {
  const value = parseJson(path, readText(path));
  refuseNewer(path, value);
  return checked(recordSchema, value, path);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(
      `${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`,
      undefined,
      error,
    );
  }
}
