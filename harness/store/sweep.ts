/** Directories of sweeps: the plan, and one line for each run that was made; the runs lie below it. */
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { SweepPlan, SweepResult } from '../analysis/sweep/result.ts';
import { UsageError } from '../errors.ts';
import { checked, parseJson } from './checked.ts';
import { appendFile, replaceFile } from './disk.ts';
import { RECORD_AT_MOST, refuseNewer } from './load.ts';
import { plain, readPlain } from './plain.ts';
import { SCHEMA_VERSION } from './schema.ts';
import { timeName, uniqueDirectory } from './store.ts';

/** One run of a sweep; `run` is its directory, relative to the sweep's. */
export interface SweepRun {
  cell: number;
  round: number;
  run: string;
}

/** A run that could not begin, and why: there is no directory of it. */
export interface Unbegun {
  cell: number;
  round: number;
  error: string;
}

export interface SweepStore {
  directory: string;
  /** On disk when it returns. */
  append(run: SweepRun | Unbegun): void;
}

const FILES = { plan: 'sweep.json', runs: 'runs.ndjson', result: 'sweep-result.json' } as const;

/** Makes `REPORTS/NAME/sweep-TIME/`. EnvironmentError where the folder cannot be written. */
export function beginSweep(reportsDirectory: string, plan: SweepPlan, startedAt: string): SweepStore {
  const parent = join(resolve(reportsDirectory), plan.name);
  const directory = join(parent, uniqueDirectory(parent, `sweep-${timeName(startedAt)}`));
  appendFile(join(directory, FILES.runs), '');
  replaceFile(
    join(directory, FILES.plan),
    `${JSON.stringify({ schema: SCHEMA_VERSION, startedAt, ...plan }, null, 1)}\n`,
  );
  return {
    directory,
    append: (run) => appendFile(join(directory, FILES.runs), `${JSON.stringify(run)}\n`),
  };
}

export function isSweep(directory: string): boolean {
  return statSync(join(directory, FILES.plan), { throwIfNoEntry: false })?.isFile() ?? false;
}

const text = z.string();
const planSchema = z.strictObject({
  schema: z.literal(SCHEMA_VERSION) as z.ZodType<number>,
  startedAt: text,
  name: text,
  why: text,
  seed: z.number(),
  axes: z.array(z.strictObject({ key: text, values: z.array(text) })),
  rounds: z.int().positive(),
  cells: z.array(z.record(text, text)),
});
const turn = { cell: z.int().nonnegative(), round: z.int().positive() };
const unbegunSchema = z.strictObject({ ...turn, error: text.max(10_000) });
const runSchema = z.strictObject({
  ...turn,
  // Never out of the sweep's own directory.
  run: text.regex(/^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/),
});

/** UsageError where it is damaged or of a newer Thaw. A last line that was cut off, as by a kill, is left out. */
export function loadSweepDirectory(directory: string): {
  plan: SweepPlan;
  runs: SweepRun[];
  unbegun: Unbegun[];
} {
  const read = (name: string): string => {
    const bytes = readPlain(plain(directory, name), RECORD_AT_MOST);
    if (bytes === null) throw new UsageError(`${join(directory, name)} cannot be read: ENOENT`);
    return bytes.toString();
  };
  const file = join(directory, FILES.plan);
  const value = parseJson(file, read(FILES.plan));
  refuseNewer(file, value);
  const { schema: _, startedAt: __, ...plan } = checked(planSchema, value, file);
  const lines = read(FILES.runs).split('\n').slice(0, -1);
  const runs: SweepRun[] = [];
  const unbegun: Unbegun[] = [];
  for (const [i, line] of lines.entries()) {
    const where = `${join(directory, FILES.runs)}:${i + 1}`;
    const one = parseJson(where, line);
    if (typeof one === 'object' && one !== null && 'error' in one)
      unbegun.push(checked(unbegunSchema, one, where));
    else runs.push(checked(runSchema, one, where));
  }
  return { plan, runs, unbegun };
}

export function saveSweepResult(directory: string, result: SweepResult): void {
  replaceFile(join(directory, FILES.result), `${JSON.stringify(result, null, 1)}\n`);
}
