/** Reads a run directory back: the raw files, checked, and CRIU's files decoded. */
import { existsSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { evidenceIn } from '../diagnosis/read.ts';
import { UsageError } from '../errors.ts';
import type { MigrationFiles, MigrationObservation, RawRun, RunHead, RunTail, Sample } from '../model.ts';
import { parseSample } from '../probe/samples.ts';
import { decodeInventory } from '../runtime/criu/inventory.ts';
import { lazyPagesIn } from '../runtime/criu/lazy-pages.ts';
import { decodeDumpStats, decodeRestoreStats } from '../runtime/criu/stats.ts';
import { checkedRaw, parseJson } from './checked.ts';
import { condensedIn } from './condensed.ts';
import { isCutOff } from './lines.ts';
import { logReader, NO_OTHER_LOGS, otherLogs } from './logs.ts';
import { linesOfPieces, unpacked } from './pieces.ts';
import { damaged, plain, readPlain } from './plain.ts';
import { headSchema, observationSchema, SCHEMA_VERSION, tailSchema } from './schema.ts';
import { FILES } from './store.ts';

/** A run, with the lines that were cut off because their writer was killed: they are left out, and counted. */
export interface LoadedRun extends RawRun {
  cutOff: { migrations: number; samples: number };
}

/**
 * UsageError where the directory is no run, was made by a newer Thaw, or is damaged; it names file and line.
 * Samples are read from disk each time they are iterated, and logs when they are asked for: a long run need
 * not fit into memory.
 */
export async function loadRun(directory: string): Promise<LoadedRun> {
  requireRun(directory);
  const at = (name: string): string => plain(directory, name);
  const head = readHead(at(FILES.head));
  const tail = readTail(at(FILES.tail));
  const filesOf = filesReader(directory, pageSizeOf(head));
  const migrations = [...observations(at(FILES.migrations))].map((observation) => ({
    observation,
    files: filesOf(observation),
  }));
  const cutOff = {
    migrations: Number(isCutOff(at(FILES.migrations))),
    samples: Number(isCutOff(at(FILES.samples))),
  };
  return { head, tail, migrations, samples: samplesOf(at(FILES.samples)), cutOff };
}

/** Of a migration whose directory a long run has dropped, what was kept of it; that may happen while it is read. */
function filesReader(
  directory: string,
  pageSize: number,
): (observation: Pick<MigrationObservation, 'number' | 'files' | 'preDumps'>) => MigrationFiles {
  const logs = logReader();
  const condensed = condensedIn(directory);
  return ({ number, files, preDumps }) => {
    const path = join(directory, files);
    const dropped = () => (existsSync(path) ? undefined : condensed(number));
    const there = loadFiles(path, { within: directory, pageSize, logs, preDumps: preDumps.length });
    const kept = dropped();
    if (kept === undefined) return Object.defineProperty(there, 'dropped', { get: () => dropped()?.told });
    const { number: _, told, ...rest } = kept;
    const noLogs = { dumpLog: null, restoreLog: null, otherLogs: NO_OTHER_LOGS, evidence: [] };
    return { ...rest, ...noLogs, pageSize, dropped: told };
  };
}

/** The files of one migration, decoded; null for each that is not there. Logs are read when they are asked for. */
export function loadFiles(
  directory: string,
  { pageSize = PAGE_SIZE, logs = logReader(), preDumps = 0, within = directory } = {},
): MigrationFiles {
  const at = (name: string): string => plain(within, join(relative(within, directory), name));
  // Logs are read later, if at all: what is wrong with their place is told now.
  for (const log of ['dump.log', 'restore.log']) [log, `${log}.gz`].forEach(at);
  const read = <T>(
    name: string,
    decode: (bytes: Buffer, file: string) => T,
    atMost = STATS_AT_MOST,
  ): T | null => {
    const path = at(name);
    const bytes = readPlain(path, atMost) ?? unpacked(path, atMost);
    return bytes === null ? null : decode(bytes, path);
  };
  return {
    dumpStats: read('stats-dump', decodeDumpStats),
    restoreStats: read('stats-restore', decodeRestoreStats),
    preDumpStats: Array.from({ length: preDumps }, (_, i) =>
      read(join(`pre-${i + 1}`, 'stats-dump'), decodeDumpStats),
    ),
    lazyPages: read('lazy-pages.log', (bytes) => lazyPagesIn(bytes.toString()), TEXT_AT_MOST),
    inventory: read('inventory.img', decodeInventory),
    container: {
      before: read('container-before.txt', linesIn, TEXT_AT_MOST),
      after: read('container-after.txt', linesIn, TEXT_AT_MOST),
    },
    get dumpLog() {
      return logs.dump(at('dump.log'));
    },
    get restoreLog() {
      return logs.restore(at('restore.log'));
    },
    get otherLogs() {
      return otherLogs(at, preDumps);
    },
    get evidence() {
      // No link leads there: the stats beside the logs were read first.
      return evidenceIn(directory);
    },
    pageSize,
  };
}

function linesIn(bytes: Buffer): string[] {
  return bytes.toString().split('\n').filter(Boolean);
}

const PAGE_SIZE = 4_096;
/** Far more than any run leaves: what a stranger sends must not fill the memory. Of a longer log the rest is not seen. */
const STATS_AT_MOST = 1 << 20;
const TEXT_AT_MOST = 1 << 26;
export const RECORD_AT_MOST = 400 * 2 ** 20;

/** CRIU counts pages of the machine it ran on. */
function pageSizeOf(head: RunHead): number {
  return head.hosts.some(({ architecture }) => architecture === 'ppc64le') ? 65_536 : PAGE_SIZE;
}

/** Whether that directory is one of a run. */
export function isRun(directory: string): boolean {
  return statSync(join(directory, FILES.head), { throwIfNoEntry: false }) !== undefined;
}

export function requireRun(directory: string): void {
  const next = 'name a run directory, such as reports/httpd/2026-01-31T12-00-00Z';
  const found = statSync(directory, { throwIfNoEntry: false });
  if (found === undefined) throw new UsageError(`there is no ${directory}`, next);
  if (!found.isDirectory()) throw new UsageError(`${directory} is no run directory, but a file`, next);
  if (!isRun(directory) && existsSync(join(directory, FILES.record))) {
    throw new UsageError(
      `${directory} has a record, but no raw files to make it anew of`,
      'open report.html there; thaw compare takes its record.json',
    );
  }
  if (!isRun(directory)) {
    throw new UsageError(`${directory} is no run directory: it has no ${FILES.head}`, next);
  }
}

function readHead(path: string): RunHead {
  const value = parseJson(path, readPlain(path, TEXT_AT_MOST)?.toString() ?? '');
  refuseNewer(path, value);
  return checkedRaw(headSchema, value, path);
}

export function refuseNewer(path: string, value: unknown): void {
  const schema = (value as { schema?: unknown } | null)?.schema;
  if (typeof schema === 'number' && schema > SCHEMA_VERSION) {
    throw new UsageError(
      `${path} was written by a newer Thaw: schema ${schema}, and this one reads up to ${SCHEMA_VERSION}`,
      'read it with the Thaw that wrote it, or a newer one',
    );
  }
}

function readTail(path: string): RunTail | null {
  const bytes = readPlain(path, TEXT_AT_MOST);
  return bytes === null ? null : checkedRaw(tailSchema, parseJson(path, bytes.toString()), path);
}

function* observations(path: string): Generator<MigrationObservation> {
  let expected = 1;
  for (const { text, number, complete, file } of linesOfPieces(path)) {
    if (!complete) return;
    const where = `${file}:${number}`;
    const observation = checkedRaw(observationSchema, parseJson(where, text), where);
    if (observation.number !== expected) {
      throw damaged(where, `migration ${observation.number} where ${expected} belongs`);
    }
    expected++;
    yield observation;
  }
}

function samplesOf(path: string): Iterable<Sample> {
  return {
    *[Symbol.iterator]() {
      for (const { text, number, complete, file } of linesOfPieces(path)) {
        if (!complete) return;
        yield parseSample(text, `${file}:${number}`);
      }
    },
  };
}
