/** A history: one file, one line for each run, only ever added to; `sort -u` or git's union merges two of them. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import lockfile from 'proper-lockfile';
import {
  HISTORY_VERSION,
  type HistoryRun,
  historyRunOf,
  historyRunSchema,
} from '../analysis/trend/history-run.ts';
import { EnvironmentError, messageOf, UsageError } from '../errors.ts';
import type { RunRecord } from '../model.ts';
import { appendFile } from './disk.ts';
import { isCutOff, type Line, linesOf } from './lines.ts';

export interface History {
  /** As they stand in the file; of a run that is there twice, both. */
  runs: HistoryRun[];
  /** Lines that were left out, each as `FILE:LINE: why`. */
  skipped: string[];
}

/** Adds a line, which is on disk when it returns; the file is made where it is not there. EnvironmentError where it cannot be written. */
export async function appendToHistory(file: string, record: RunRecord, runId: string): Promise<void> {
  await append(file, `${JSON.stringify(historyRunSchema.parse(historyRunOf(record, runId)))}\n`);
}

/** Makes it where it is not there. EnvironmentError where it cannot be written. */
export async function requireHistory(file: string): Promise<void> {
  await append(file, '');
}

/** UsageError where it is not there, or holds a line of a newer Thaw, or one of something else. */
export function readHistory(file: string): History {
  if (statSync(file, { throwIfNoEntry: false }) === undefined) {
    throw new UsageError(`there is no ${file}`, 'make it with `thaw run --history` or `thaw trend --add`');
  }
  const history: History = { runs: [], skipped: [] };
  for (const line of linesOf(file)) {
    if (line.text.trim() === '') continue;
    const where = `${file}:${line.number}`;
    const value = parsed(line);
    if (value === undefined) history.skipped.push(`${where}: left out, it is cut short or no JSON`);
    else history.runs.push(checkedRun(value, where));
  }
  return history;
}

const NEXT = 'give another file';

/** Under a lock: should the disk be full, half a line is taken back, and must be the last one then. */
async function append(file: string, text: string): Promise<void> {
  const path = resolve(file);
  // Made, and what is wrong with it told, before anything waits for the lock.
  appendFile(path, '', NEXT);
  if (text === '') return;
  const unlock = await lock(path);
  try {
    // What a killed writer left is ended, so that only its own line is lost.
    appendFile(path, isCutOff(path) ? `\n${text}` : text, NEXT);
  } finally {
    await unlock();
  }
}

/** Whoever else appends is done in a moment; a killed one's lock is stale after 10 seconds. */
const ATTEMPTS = 300;
const PAUSE_MS = 100;

async function lock(path: string): Promise<() => Promise<void>> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await lockfile.lock(path, { realpath: false });
    } catch (error) {
      const busy = (error as NodeJS.ErrnoException).code === 'ELOCKED';
      if (!busy || attempt === ATTEMPTS) throw notLocked(path, busy, error);
      await setTimeout(PAUSE_MS);
    }
  }
}

function notLocked(path: string, busy: boolean, error: unknown): EnvironmentError {
  return new EnvironmentError(
    `${path} cannot be locked: ${busy ? 'another run has been writing to it for long' : messageOf(error)}`,
    busy ? 'try again' : NEXT,
    error,
  );
}

function parsed({ text }: Line): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function checkedRun(value: unknown, where: string): HistoryRun {
  const schema = (value as { schema?: unknown } | null)?.schema;
  if (typeof schema === 'number' && schema > HISTORY_VERSION) {
    throw new UsageError(
      `${where} was written by a newer Thaw: schema ${schema}, and this one reads up to ${HISTORY_VERSION}`,
      'read it with the Thaw that wrote it, or a newer one',
    );
  }
  const result = historyRunSchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new UsageError(
    `${where} is no line of a history: ${issue?.path.join('.') || 'the whole'}: ${issue?.message}`,
    'name a file that `thaw run --history` or `thaw trend --add` wrote',
  );
}
