/** Run directories: begun before the first migration, appended to, and finished in whatever way the run ends. */
import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type {
  Calibration,
  HostName,
  MadeOutage,
  MigrationObservation,
  RunHead,
  RunRecord,
  RunTail,
} from '../model.ts';
import { appendFile, explained, replaceFile } from './disk.ts';
import { SCHEMA_VERSION } from './schema.ts';
import { recordSchema } from './schema-record.ts';

export interface RunStore {
  directory: string;
  samplesFile: string;
  transcriptFile: string;
  /** Where a migration's logs and stats go; the directory is made by who writes them. */
  filesOf(number: number): { filesDirectory: string; files: string };
  /** On disk when it returns. */
  appendMigration(observation: MigrationObservation): void;
  /** On disk when it returns. */
  finish(tail: RunTail): void;
  /** The report of a sanitizer on a host; its file in the run directory. */
  saveSanitizerReport(host: HostName, name: string, text: string): string;
  /** Of a calibration: each outage, and what comes of them. */
  appendOutage(outage: MadeOutage): void;
  saveCalibration(calibration: Calibration): void;
}

/** Names of the files in a run directory. */
export const FILES = {
  scenario: 'scenario.yaml',
  head: 'head.json',
  migrations: 'migrations.ndjson',
  condensed: 'condensed.ndjson',
  samples: 'samples.ndjson',
  transcript: 'transcript.ndjson',
  tail: 'tail.json',
  record: 'record.json',
  page: 'report.html',
  heartbeat: 'heartbeat.json',
  outages: 'outages.ndjson',
  keptSamples: 'samples-kept.ndjson',
  calibration: 'calibration.json',
} as const;

/**
 * Makes `REPORTS/SCENARIO/TIME/` with the scenario as it was written; the directory's name is the run's ID.
 * EnvironmentError where the folder cannot be written.
 */
export function beginRun(
  reportsDirectory: string,
  head: Omit<RunHead, 'schema' | 'id'>,
  scenarioText: string,
): RunStore {
  const parent = join(resolve(reportsDirectory), head.scenario.name);
  const id = uniqueDirectory(parent, timeName(head.startedAt));
  const directory = join(parent, id);
  const at = (name: string): string => join(directory, name);
  replaceFile(at(FILES.scenario), scenarioText);
  appendFile(at(FILES.migrations), '');
  appendFile(at(FILES.samples), '');
  // Last: a directory with a head is a run.
  replaceFile(at(FILES.head), json({ schema: SCHEMA_VERSION, id, ...head }));
  return {
    directory,
    samplesFile: at(FILES.samples),
    transcriptFile: at(FILES.transcript),
    filesOf(number) {
      const files = `migrations/${String(number).padStart(4, '0')}`;
      return { filesDirectory: at(files), files };
    },
    appendMigration: (observation) => appendFile(at(FILES.migrations), `${JSON.stringify(observation)}\n`),
    finish: (tail) => replaceFile(at(FILES.tail), json(tail)),
    saveSanitizerReport(host, name, text) {
      mkdirSync(at(`sanitizer/${host}`), { recursive: true });
      replaceFile(at(`sanitizer/${host}/${name}`), text);
      return `sanitizer/${host}/${name}`;
    },
    appendOutage: (outage) => appendFile(at(FILES.outages), `${JSON.stringify(outage)}\n`),
    saveCalibration: (calibration) => replaceFile(at(FILES.calibration), json(calibration)),
  };
}

/** EnvironmentError where no run directory could be made there. Leaves nothing but the folder. */
export function requireWritable(reportsDirectory: string): void {
  const directory = resolve(reportsDirectory);
  explained(directory, () => {
    mkdirSync(directory, { recursive: true });
    rmdirSync(mkdtempSync(join(directory, '.thaw-')));
  });
}

/**
 * Writes record.json; the same record gives the same bytes. A record that its own schema refuses (such as one
 * with a number that JSON cannot hold) is a bug, and thrown as one.
 */
export async function saveRecord(directory: string, record: RunRecord): Promise<void> {
  recordSchema.parse(record);
  replaceFile(join(directory, FILES.record), json(record));
}

/** `2026-01-31T12:00:00.123Z` → `2026-01-31T12-00-00Z`: no colons, which other file systems refuse. */
export function timeName(startedAt: string): string {
  return startedAt.replace(/\.\d+Z$/, 'Z').replaceAll(':', '-');
}

/** Makes it; two in the same second both get one. Returns its name. */
export function uniqueDirectory(parent: string, name: string): string {
  return explained(parent, () => {
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

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 1)}\n`;
}
