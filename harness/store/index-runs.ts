/** All runs below a folder of reports, as one page in it. */
import { type Dirent, existsSync, readdirSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EnvironmentError, messageOf, UsageError } from '../errors.ts';
import type { RunRecord } from '../model.ts';
import {
  type IndexedRun,
  indexedRun,
  type RunIndex,
  renderIndex,
  type UnreadableRun,
} from '../report/html/index/page.ts';
import { thawVersion } from '../version.ts';
import { indexAssets } from './assets.ts';
import { replaceFile } from './disk.ts';
import { loadRecord } from './load-record.ts';
import { FILES } from './store.ts';

const PAGE = 'index.html';

/** What was found, and the file that was written. */
export interface Indexed {
  file: string;
  runs: number;
  unreadable: UnreadableRun[];
}

/** Written as FOLDER/index.html. UsageError where there is no such folder; EnvironmentError where it cannot be written. */
export async function indexRuns(folder: string): Promise<Indexed> {
  const index = await findRuns(folder);
  const file = join(resolve(folder), PAGE);
  replaceFile(file, renderIndex(index, indexAssets()), 'make the folder writable');
  return { file, runs: index.runs.length, unreadable: index.unreadable };
}

/** One after the other, so that no more than one record is in memory. */
export async function findRuns(folder: string): Promise<RunIndex> {
  const runs: IndexedRun[] = [];
  const unreadable: UnreadableRun[] = [];
  for (const { directory, why } of candidates(folder)) {
    if (why !== null) {
      unreadable.push({ directory, why });
      continue;
    }
    try {
      const record = await recordIn(join(folder, directory));
      const page = existsSync(join(folder, directory, FILES.page)) ? `${directory}/${FILES.page}` : null;
      runs.push(indexedRun(record, { directory, page, partOf: pageAbove(folder, directory) }));
    } catch (error) {
      // Whatever is wrong with one run, the others are still to be seen.
      if (!(error instanceof UsageError || error instanceof EnvironmentError)) throw error;
      unreadable.push({ directory, why: error.message.replaceAll(join(folder, directory, '/'), '') });
    }
  }
  return { folder, thaw: thawVersion(), runs, unreadable };
}

/** Above a run only a sweep or a suite has a page of its own. */
function pageAbove(folder: string, directory: string): string | null {
  const above = directory.split('/').slice(0, -1);
  for (; above.length > 0; above.pop()) {
    const page = [...above, FILES.page].join('/');
    if (existsSync(join(folder, page))) return page;
  }
  return null;
}

/** A record alone is a run, too: what was kept of one, or sent. */
function recordIn(directory: string): Promise<RunRecord> {
  return loadRecord(existsSync(join(directory, FILES.head)) ? directory : join(directory, FILES.record));
}

interface Candidate {
  directory: string;
  /** Why it is no run; null where it may be one. */
  why: string | null;
}

/** Deep enough for a run of a cell of a suite; what lies below a run is its own. */
const DEEPEST = 6;

function candidates(folder: string): Candidate[] {
  const root = list(folder);
  if (typeof root === 'string') {
    throw new UsageError(
      `${folder} cannot be read: ${root}`,
      'name a folder of reports: thaw report --index DIRECTORY',
    );
  }
  return directoriesOf(root).flatMap((name) => below(folder, name, 1));
}

/** A directory with a head or a record is a run. One that has neither, nor any directory, is none, and is told. */
function below(folder: string, directory: string, depth: number): Candidate[] {
  const entries = list(join(folder, directory));
  if (typeof entries === 'string') return [{ directory, why: `it cannot be read: ${entries}` }];
  const names = new Set(entries.map(({ name }) => name));
  if (names.has(FILES.head) || names.has(FILES.record)) return [{ directory, why: null }];
  const deeper = directoriesOf(entries);
  if (deeper.length > 0 && depth < DEEPEST)
    return deeper.flatMap((name) => below(folder, `${directory}/${name}`, depth + 1));
  if (OF_MANY.some((name) => names.has(name))) return [];
  return [
    {
      directory,
      why: `it has neither ${FILES.head} nor ${FILES.record}: no run of Thaw, or it was killed as it began`,
    },
  ];
}

/** A sweep or a suite that has no run yet. */
const OF_MANY = ['sweep.json', 'suite.json'];

/** Links are not followed: what lies elsewhere is not of this folder, and a circle has no end. */
function directoriesOf(entries: readonly Dirent[]): string[] {
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
}

/** The error as text. */
function list(path: string): Dirent[] | string {
  try {
    return readdirSync(realpathSync(path), { withFileTypes: true });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? messageOf(error);
  }
}
