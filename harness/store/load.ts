/** Reads a run directory back: the raw files, checked, and CRIU's files decoded. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { messageOf, UsageError } from '../errors.ts';
import type { MigrationFiles, MigrationObservation, RawRun, RunHead, RunTail, Sample } from '../model.ts';
import { parseSample } from '../probe/samples.ts';
import { decodeInventory } from '../runtime/criu/inventory.ts';
import { parseLog } from '../runtime/criu/log.ts';
import { decodeDumpStats, decodeRestoreStats } from '../runtime/criu/stats.ts';
import { linesOf } from './lines.ts';
import { headSchema, observationSchema, SCHEMA_VERSION, tailSchema } from './schema.ts';
import { FILES } from './store.ts';

// CRIU counts pages of the machine it runs on; all that runc and CRIU are tested on here have 4 KiB ones.
const PAGE_SIZE = 4096;

/** UsageError where the directory is no run, was made by a newer Thaw, or is damaged; it names file and line. */
export async function loadRun(directory: string): Promise<RawRun> {
  requireRun(directory);
  const head = readHead(join(directory, FILES.head));
  const tail = readTail(join(directory, FILES.tail));
  const migrations = [...observations(join(directory, FILES.migrations))].map((observation) => ({
    observation,
    files: loadFiles(join(directory, observation.files)),
  }));
  return { head, tail, migrations, samples: samplesOf(join(directory, FILES.samples)) };
}

/** The files of one migration, decoded; null for each that is not there. */
export function loadFiles(directory: string): MigrationFiles {
  const read = <T>(name: string, decode: (bytes: Buffer, file: string) => T): T | null => {
    const path = join(directory, name);
    const bytes = readIfThere(path);
    return bytes === null ? null : decode(bytes, path);
  };
  return {
    dumpStats: read('stats-dump', decodeDumpStats),
    restoreStats: read('stats-restore', decodeRestoreStats),
    inventory: read('inventory.img', decodeInventory),
    dumpLog: read('dump.log', parseLog),
    restoreLog: read('restore.log', parseLog),
    pageSize: PAGE_SIZE,
  };
}

function requireRun(directory: string): void {
  const next = 'name a run directory, such as reports/httpd/20261123T060000Z';
  const found = statSync(directory, { throwIfNoEntry: false });
  if (found === undefined) throw new UsageError(`there is no ${directory}`, next);
  if (!found.isDirectory() || readIfThere(join(directory, FILES.head)) === null) {
    throw new UsageError(`${directory} is no run directory: it has no ${FILES.head}`, next);
  }
}

function readHead(path: string): RunHead {
  const value = parseJson(path, readFileSync(path, 'utf8')) as { schema?: unknown } | null;
  const schema = value?.schema;
  if (typeof schema === 'number' && schema > SCHEMA_VERSION) {
    throw new UsageError(
      `${path} was written by a newer Thaw: schema ${schema}, and this one reads up to ${SCHEMA_VERSION}`,
      'read it with the Thaw that wrote it, or a newer one',
    );
  }
  return checked(headSchema, value, path) as RunHead;
}

function readTail(path: string): RunTail | null {
  const bytes = readIfThere(path);
  return bytes === null ? null : (checked(tailSchema, parseJson(path, bytes.toString()), path) as RunTail);
}

function* observations(path: string): Generator<MigrationObservation> {
  for (const { text, number, complete } of linesOf(path)) {
    // The run was killed while it wrote this one: it has not happened.
    if (!complete) return;
    const where = `${path}:${number}`;
    yield checked(observationSchema, parseJson(where, text), where) as MigrationObservation;
  }
}

function samplesOf(path: string): Iterable<Sample> {
  return {
    *[Symbol.iterator]() {
      for (const { text, number, complete } of linesOf(path)) {
        if (!complete) return;
        yield parseSample(text, `${path}:${number}`);
      }
    },
  };
}

function parseJson(where: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${where} is damaged: ${messageOf(error)}`, 'copy the run directory again');
  }
}

function checked<T extends z.ZodType>(schema: T, value: unknown, where: string): z.infer<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new UsageError(
    `${where} is not what Thaw writes: ${issue?.path.join('.') || 'the whole'}: ${issue?.message}`,
    'copy the run directory again',
  );
}

function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new UsageError(`${path} cannot be read: ${messageOf(error)}`);
  }
}
