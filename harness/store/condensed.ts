/**
 * What a long run keeps of a migration that completed once its directory is dropped: CRIU's statistics, what the container
 * had, and what the logs told, as a line of `condensed.ndjson`. The record is the same with it.
 */
import { existsSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { removeTree } from '../host/remove-tree.ts';
import type { LogsTold, MigrationFiles, MigrationObservation } from '../model.ts';
import { checked, parseJson } from './checked.ts';
import { appendFile } from './disk.ts';
import { linesOfPieces, pieceName } from './pieces.ts';
import { plain } from './plain.ts';
import { count } from './schema.ts';
import { dumpStats, frozenWindow, orUnknown, restoreStats } from './schema-record.ts';
import { FILES } from './store.ts';

type Logs = 'dumpLog' | 'restoreLog' | 'otherLogs' | 'evidence';
type Kept = Omit<MigrationFiles, Logs | 'pageSize' | 'dropped'>;

interface Condensed extends Kept {
  number: number;
  told: LogsTold;
}

const lines = z.array(z.string()).nullable();
const schema = z.strictObject({
  number: z.int().positive(),
  dumpStats: dumpStats.nullable(),
  restoreStats: restoreStats.nullable(),
  preDumpStats: z.array(dumpStats.nullable()),
  lazyPages: z.strictObject({ transferred: count, total: count }).nullable(),
  inventory: z
    .strictObject({
      img_version: count,
      dump_uptime: count.nullable(),
      network_lock_method: count.nullable(),
      dump_criu_run_id: z.string().nullable(),
    })
    .nullable(),
  container: z.strictObject({ before: lines, after: lines }),
  told: z.strictObject({ frozenWindow: orUnknown(frozenWindow) }),
}) satisfies z.ZodType<Condensed>;

/** Puts the line on disk, and then removes the directory. */
export async function condense(
  directory: string,
  observation: Pick<MigrationObservation, 'number' | 'files'>,
  files: MigrationFiles,
  told: LogsTold,
): Promise<void> {
  const { dumpStats, restoreStats, preDumpStats, lazyPages, inventory, container } = files;
  const kept: Kept = { dumpStats, restoreStats, preDumpStats, lazyPages, inventory, container };
  const line: Condensed = { number: observation.number, ...kept, told };
  appendFile(join(directory, FILES.condensed), `${JSON.stringify(line)}\n`);
  const whole = join(directory, observation.files);
  const going = join(dirname(whole), `.${basename(whole)}`);
  // At once, so that whoever reads the run meanwhile has all of it or none.
  renameSync(whole, going);
  await removeTree(going);
}

/** Finds what was kept by number; undefined where nothing was. The file may grow meanwhile: it is read again then. */
export function condensedIn(directory: string): (number: number) => Condensed | undefined {
  const path = plain(directory, FILES.condensed);
  let known = new Map<number, Condensed>();
  return (number) => {
    if (!known.has(number) && isThere(path)) known = read(path);
    return known.get(number);
  };
}

function isThere(path: string): boolean {
  return [path, pieceName(path, 1), `${pieceName(path, 1)}.gz`].some((one) => existsSync(one));
}

function read(path: string): Map<number, Condensed> {
  const found = new Map<number, Condensed>();
  for (const { text, number, complete, file } of linesOfPieces(path)) {
    if (!complete) break;
    const where = `${file}:${number}`;
    const one = checked(schema, parseJson(where, text), where);
    found.set(one.number, one);
  }
  return found;
}
