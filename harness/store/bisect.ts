/** Directories of bisections: the plan, and one line for each run that was made, so that it can be taken up again. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { BisectPlan } from '../analysis/bisect/plan.ts';
import type { BisectResult } from '../analysis/bisect/result.ts';
import type { Trial } from '../analysis/bisect/trial.ts';
import { UsageError } from '../errors.ts';
import type { Scenario } from '../model.ts';
import { checked, parseJson } from './checked.ts';
import { appendFile, replaceFile } from './disk.ts';
import { isCutOff, linesOf } from './lines.ts';
import { refuseNewer } from './load.ts';
import { SCHEMA_VERSION } from './schema.ts';
import { scenarioSchema } from './schema-scenario.ts';
import { timeName, uniqueDirectory } from './store.ts';

/** A plan with the scenario that all versions run. */
export interface BisectJob {
  plan: BisectPlan;
  scenario: Scenario;
}

export interface BisectStore {
  directory: string;
  trials: Trial[];
  /** On disk when it returns, and in `trials`. */
  append(trial: Trial): void;
  saveResult(result: BisectResult): void;
}

const FILES = { job: 'bisect.json', trials: 'trials.ndjson', result: 'bisect-result.json' } as const;

/** Makes `REPORTS/NAME/bisect-TIME/`. EnvironmentError where the folder cannot be written. */
export function beginBisect(reportsDirectory: string, job: BisectJob, startedAt: string): BisectStore {
  const parent = join(resolve(reportsDirectory), job.plan.name);
  const directory = join(parent, uniqueDirectory(parent, `bisect-${timeName(startedAt)}`));
  appendFile(join(directory, FILES.trials), '');
  const text = JSON.stringify({ schema: SCHEMA_VERSION, startedAt, ...job }, null, 1);
  replaceFile(join(directory, FILES.job), `${text}\n`);
  return storeIn(directory, []);
}

/** One that was begun. UsageError where it is none, damaged, or of a newer Thaw; a run that was cut off is made again. */
export function openBisect(directory: string): BisectJob & { store: BisectStore } {
  const file = join(directory, FILES.job);
  if (!existsSync(file)) {
    throw new UsageError(
      `${directory} is no bisection`,
      'name the directory that thaw bisect told, bisect-…',
    );
  }
  const value = parseJson(file, readFileSync(file, 'utf8'));
  refuseNewer(file, value);
  const { schema: _, startedAt: __, ...job } = checked(jobSchema, value, file);
  const log = join(directory, FILES.trials);
  const lines = [...linesOf(log)].filter(({ complete }) => complete);
  const trials = lines.map(({ text, number }) => {
    const trial = checked(trialSchema, parseJson(`${log}:${number}`, text), `${log}:${number}`);
    if (trial.version < job.plan.versions.length) return trial;
    throw new UsageError(`${log}:${number} is of version ${trial.version}, which ${file} does not have`);
  });
  // What is appended next must not become a part of the line that was cut off.
  if (isCutOff(log)) replaceFile(log, lines.map(({ text }) => `${text}\n`).join(''));
  return { ...job, store: storeIn(resolve(directory), trials) };
}

function storeIn(directory: string, trials: Trial[]): BisectStore {
  return {
    directory,
    trials,
    append(trial) {
      appendFile(join(directory, FILES.trials), `${JSON.stringify(trial)}\n`);
      trials.push(trial);
    },
    saveResult: (result) =>
      replaceFile(join(directory, FILES.result), `${JSON.stringify(result, null, 1)}\n`),
  };
}

const text = z.string();
const whole = z.int().nonnegative();
const versionSchema = z.strictObject({
  name: text,
  subject: text.nullable(),
  merge: z.boolean(),
  change: z.strictObject({
    toolchain: text.exactOptional(),
    runc: text.exactOptional(),
    crun: text.exactOptional(),
    criu: text.exactOptional(),
  }),
});
const planSchema = z.strictObject({
  // Becomes the name of a folder.
  name: text.regex(/^[A-Za-z0-9][\w.-]*$/),
  scenarioFile: text,
  direction: z.enum(['first-bad', 'first-fixed']),
  versions: z.array(versionSchema).min(2),
  failure: text.nullable(),
  confidence: z.number().gt(0).lt(1),
  runs: whole,
  command: z.array(text),
});
const jobSchema = z.strictObject({
  schema: z.literal(SCHEMA_VERSION) as z.ZodType<number>,
  startedAt: text,
  plan: planSchema,
  scenario: scenarioSchema,
});
const trialSchema = z.strictObject({
  version: whole,
  state: z.enum(['pass', 'fail', 'unknown', 'unbuildable']),
  because: text,
  symptoms: z.array(text),
  cause: text.nullable(),
  software: text.nullable(),
  // Never out of the bisection's own directory.
  run: text.regex(/^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/).nullable(),
  log: text.nullable(),
  seconds: z.number().nonnegative(),
  startedAt: text,
});
