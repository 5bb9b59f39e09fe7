/** Run directories: begun before the first migration, appended to, and finished in whatever way the run ends. */
import { closeSync, fsyncSync, mkdirSync, openSync, rmdirSync, writeSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EnvironmentError, messageOf } from '../errors.ts';
import type { MigrationObservation, RunHead, RunRecord, RunTail } from '../model.ts';
import { SCHEMA_VERSION } from './schema.ts';

export interface RunStore {
  directory: string;
  samplesFile: string;
  transcriptFile: string;
  /** Where a migration's logs and stats go. */
  filesOf(number: number): { filesDirectory: string; files: string };
  /** On disk when it returns. */
  appendMigration(observation: MigrationObservation): void;
  finish(tail: RunTail): void;
}

/** Names of the files in a run directory. */
export const FILES = {
  scenario: 'scenario.yaml',
  head: 'head.json',
  migrations: 'migrations.ndjson',
  samples: 'samples.ndjson',
  transcript: 'transcript.ndjson',
  tail: 'tail.json',
  record: 'record.json',
} as const;

/**
 * Makes `REPORTS/SCENARIO/TIME/` with the scenario as it was written. EnvironmentError where the folder cannot be
 * written. The directory's name is the run's ID.
 */
export function beginRun(
  reportsDirectory: string,
  head: Omit<RunHead, 'schema' | 'id'>,
  scenarioText: string,
): RunStore {
  const parent = join(resolve(reportsDirectory), head.scenario.name);
  const id = uniqueDirectory(parent, head.startedAt.replace(/\.\d+Z$/, 'Z').replace(/[-:]/g, ''));
  const directory = join(parent, id);
  const at = (name: string): string => join(directory, name);
  writeWhole(at(FILES.scenario), scenarioText);
  writeWhole(at(FILES.head), json({ schema: SCHEMA_VERSION, id, ...head }));
  append(at(FILES.migrations), '');
  append(at(FILES.samples), '');
  return {
    directory,
    samplesFile: at(FILES.samples),
    transcriptFile: at(FILES.transcript),
    filesOf(number) {
      const files = `migrations/${String(number).padStart(4, '0')}`;
      return { filesDirectory: at(files), files };
    },
    appendMigration: (observation) => append(at(FILES.migrations), `${JSON.stringify(observation)}\n`),
    finish: (tail) => writeWhole(at(FILES.tail), json(tail)),
  };
}

/** Whether a run directory could be made there; EnvironmentError where not. Leaves nothing but the folder. */
export function requireWritable(reportsDirectory: string): void {
  const directory = resolve(reportsDirectory);
  withReason(directory, () => {
    mkdirSync(directory, { recursive: true });
    const probe = join(directory, `.thaw-${process.pid}`);
    mkdirSync(probe);
    rmdirSync(probe);
  });
}

/** Writes record.json: the same record gives the same bytes. */
export async function saveRecord(directory: string, record: RunRecord): Promise<void> {
  const path = join(directory, FILES.record);
  try {
    await writeFile(`${path}.new`, json(record));
    await rename(`${path}.new`, path);
  } catch (error) {
    throw notWritable(path, error);
  }
}

function uniqueDirectory(parent: string, name: string): string {
  return withReason(parent, () => {
    mkdirSync(parent, { recursive: true });
    for (let attempt = 1; ; attempt++) {
      const candidate = attempt === 1 ? name : `${name}-${attempt}`;
      try {
        mkdirSync(join(parent, candidate));
        return candidate;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  });
}

function append(path: string, text: string): void {
  write(path, 'a', text);
}

/** Exclusively: what is there already, a link for one, is never written through. */
function writeWhole(path: string, text: string): void {
  write(path, 'wx', text);
}

function write(path: string, flags: string, text: string): void {
  withReason(path, () => {
    const fd = openSync(path, flags, 0o644);
    try {
      for (let rest = Buffer.from(text); rest.length > 0; ) rest = rest.subarray(writeSync(fd, rest));
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  });
}

function withReason<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw notWritable(path, error);
  }
}

function notWritable(path: string, error: unknown): EnvironmentError {
  return new EnvironmentError(
    `${path} cannot be written: ${messageOf(error)}`,
    'make room or give another folder with --reports DIR',
    error,
  );
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 1)}\n`;
}
