/** Reads the record of a run: record.json, or what the raw files beside it say where it was never written. */
import { lstatSync, realpathSync, statSync } from 'node:fs';
import { analyse } from '../analysis/analyse.ts';
import type { RunRecord } from '../model.ts';
import { checked, parseJson } from './checked.ts';
import { loadRun, RECORD_AT_MOST, refuseNewer, requireRun } from './load.ts';
import { plain, readPlain } from './plain.ts';
import { recordSchema } from './schema-record.ts';
import { FILES } from './store.ts';

/** Of a run directory or of a record.json; UsageError where it is neither, damaged, or of a newer Thaw. */
export async function loadRecord(path: string): Promise<RunRecord> {
  const found = statSync(path, { throwIfNoEntry: false });
  // Whoever names a file may name a link to it; what lies in a directory may be a stranger's.
  if (found?.isFile()) return readRecord(path, realpathSync(path));
  requireRun(path);
  const file = plain(path, FILES.record);
  return lstatSync(file, { throwIfNoEntry: false }) === undefined
    ? analyse(await loadRun(path))
    : readRecord(file, file);
}

function readRecord(path: string, file: string): RunRecord {
  const bytes = readPlain(file, RECORD_AT_MOST);
  const value = parseJson(path, bytes?.toString() ?? '');
  refuseNewer(path, value);
  return checked(recordSchema, value, path);
}
