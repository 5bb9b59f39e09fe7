/** Directories of suites: the plan, one line for each run, and the result, which stands alone; the runs lie below it. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Shard, SuitePlan } from '../analysis/suite/plan.ts';
import type { Attempt, SuiteResult } from '../analysis/suite/result.ts';
import { UsageError } from '../errors.ts';
import { checked, parseJson } from './checked.ts';
import { appendFile, replaceFile } from './disk.ts';
import { RECORD_AT_MOST, refuseNewer } from './load.ts';
import { readPlain } from './plain.ts';
import { SCHEMA_VERSION } from './schema.ts';
import { timeName, uniqueDirectory } from './store.ts';

/** What is to be run of a suite, here. */
export interface SuiteJob {
  plan: SuitePlan;
  /** Identifiers of its cells. */
  chosen: string[];
  shard: Shard | null;
}

export interface SuiteAttempt extends Attempt {
  cell: string;
}

export interface SuiteStore {
  directory: string;
  /** On disk when it returns. */
  append(attempt: SuiteAttempt): void;
}

const FILES = { job: 'suite.json', attempts: 'attempts.ndjson', result: 'suite-result.json' } as const;

/** Makes `REPORTS/NAME/suite-TIME/`. EnvironmentError where the folder cannot be written. */
export function beginSuite(reportsDirectory: string, job: SuiteJob, startedAt: string): SuiteStore {
  const parent = join(resolve(reportsDirectory), job.plan.name);
  const directory = join(parent, uniqueDirectory(parent, `suite-${timeName(startedAt)}`));
  appendFile(join(directory, FILES.attempts), '');
  replaceFile(
    join(directory, FILES.job),
    `${JSON.stringify({ schema: SCHEMA_VERSION, startedAt, ...job }, null, 1)}\n`,
  );
  return {
    directory,
    append: (attempt) => appendFile(join(directory, FILES.attempts), `${JSON.stringify(attempt)}\n`),
  };
}

/** Whether it is a file that a shard or `thaw merge` wrote. */
export function isSuiteResult(path: string): boolean {
  if (!(statSync(path, { throwIfNoEntry: false })?.isFile() ?? false)) return false;
  const value = parseJson(path, read(path));
  return typeof value === 'object' && value !== null && 'planned' in value;
}

export function isSuiteDirectory(directory: string): boolean {
  return statSync(join(directory, FILES.job), { throwIfNoEntry: false })?.isFile() ?? false;
}

const text = z.string();
const whole = z.int().positive();
const schema = z.literal(SCHEMA_VERSION) as z.ZodType<number>;
const shard = z.strictObject({ index: whole, of: whole }).nullable();
const values = z.record(text, text);
const said = { why: text, link: text.nullable() };
const plannedCell = z.strictObject({
  id: text,
  scenario: text,
  values,
  expect: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('fail'), failure: text, until: text, ...said }),
      z.strictObject({ kind: z.literal('skip'), ...said }),
    ])
    .nullable(),
  wanted: z.int().nonnegative(),
});
const plan = { name: text, why: text, digest: text, repeat: whole, retries: z.int().nonnegative() };
const attempt = {
  repeat: whole,
  attempt: whole,
  // Never out of the suite's own directory.
  run: text.regex(/^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/).nullable(),
  error: text.nullable(),
  seconds: z.number().nonnegative(),
  startedAt: text,
};
const jobSchema = z.strictObject({
  schema,
  startedAt: text,
  plan: z.strictObject({ ...plan, cells: z.array(plannedCell) }),
  chosen: z.array(text),
  shard,
});
const attemptSchema = z.strictObject({ cell: text, ...attempt });
const verdict = z.enum(['pass', 'fail', 'unknown']);
const resultSchema = z.strictObject({
  schema,
  ...plan,
  planned: z.array(plannedCell),
  shard,
  verdict,
  cells: z.array(
    plannedCell.extend({
      state: z.enum([
        'pass',
        'fail',
        'unknown',
        'skipped',
        'flaky',
        'expected',
        'unexpected-pass',
        'not-run',
      ]),
      because: text,
      runs: z.int().nonnegative(),
      migrations: z.int().nonnegative(),
      failed: z.int().nonnegative(),
      skipped: text.nullable(),
      notPassed: z.array(text),
      causes: z.array(text),
      environment: z.array(text),
      attempts: z.array(
        z.strictObject({
          ...attempt,
          verdict,
          outcome: z.enum(['completed', 'failed', 'skipped', 'interrupted', 'not begun']),
          failures: z.array(text.nullable()),
        }),
      ),
      figures: z.array(
        z.strictObject({
          measurement: text,
          unit: z.enum(['ms', 'bytes', 'requests']),
          values: z.array(z.number()),
          unknown: z.int().nonnegative(),
          median: z.number().nullable(),
          medianCi95: z.tuple([z.number(), z.number()]).nullable(),
          uncertainty: z.number().nullable(),
        }),
      ),
    }),
  ),
});

/** UsageError where it is damaged or of a newer Thaw. A last line that was cut off, as by a kill, is left out. */
export function loadSuiteDirectory(directory: string): SuiteJob & { attempts: SuiteAttempt[] } {
  const file = join(directory, FILES.job);
  const value = parseJson(file, read(file));
  refuseNewer(file, value);
  const { schema: _, startedAt: __, ...job } = checked(jobSchema, value, file);
  const log = join(directory, FILES.attempts);
  const attempts = read(log)
    .split('\n')
    .slice(0, -1)
    .map((line, i) => checked(attemptSchema, parseJson(`${log}:${i + 1}`, line), `${log}:${i + 1}`));
  return { ...job, attempts };
}

/** The file that a shard hands on. */
export function saveSuiteResult(path: string, result: SuiteResult): void {
  replaceFile(path, `${JSON.stringify({ schema: SCHEMA_VERSION, ...result }, null, 1)}\n`);
}

export function resultFile(directory: string): string {
  return join(directory, FILES.result);
}

/** Of a result file, or of the directory of a suite. UsageError where it is neither, damaged, or of a newer Thaw. */
export function loadSuiteResult(path: string): SuiteResult {
  const found = statSync(path, { throwIfNoEntry: false });
  const file = found?.isDirectory() ? resultFile(path) : path;
  const value = parseJson(file, read(file));
  refuseNewer(file, value);
  const { schema: _, ...result } = checked(resultSchema, value, file);
  return result;
}

/** The newest result of a suite below the reports; null where there is none. */
export function newestSuiteResult(reportsDirectory: string, name: string): string | null {
  const parent = join(resolve(reportsDirectory), name);
  if (!existsSync(parent)) return null;
  const found = readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name.startsWith('suite-'))
    .map((entry) => resultFile(join(parent, entry.name)))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() ?? false);
  return found.toSorted().at(-1) ?? null;
}

function read(path: string): string {
  const bytes = readPlain(path, RECORD_AT_MOST);
  if (bytes === null) throw new UsageError(`${path} cannot be read: ENOENT`);
  return bytes.toString();
}
