/** A bisection: which version to run is decided from all runs before it, so it can be taken up again at any time. */
import { relative } from 'node:path';
import { type BisectPlan, failingEnd, type Version, type VersionChange } from './analysis/bisect/plan.ts';
import { releasedVersions } from './analysis/bisect/released.ts';
import { type BisectResult, bisectResult, stepOf } from './analysis/bisect/result.ts';
import { type Judgement, judgeRun, type Trial } from './analysis/bisect/trial.ts';
import { knownFailures } from './diagnosis/catalogue.ts';
import { ThawError, UsageError } from './errors.ts';
import { nearest } from './nearest.ts';
import { cacheDirectory } from './paths.ts';
import type { Progress } from './report/progress.ts';
import { runScenario } from './run.ts';
import { BuildError } from './runtime/sources/build.ts';
import { historyBetween } from './runtime/sources/history.ts';
import { parseSource, sourceText } from './runtime/sources/source.ts';
import { AUTO_SUITES } from './runtime/toolchain.ts';
import { loadScenario } from './scenario/load.ts';
import { applyOverrides, type Overrides } from './scenario/overrides.ts';
import { documentOf, writeScenario } from './scenario/write.ts';
import { type BisectJob, type BisectStore, beginBisect, openBisect } from './store/bisect.ts';
import { requireWritable } from './store/store.ts';

export interface BisectQuestion {
  scenario: string;
  /** What the command line changes for all versions. */
  overrides: Overrides;
  good: string;
  bad: string;
  /** Released versions, oldest first; null: the known Debian suites, or the commits of a repository. */
  versions: string[] | null;
  repository: string | null;
  part: 'runc' | 'crun' | 'criu' | null;
  failure: string | null;
  confidence: number;
  runs: number;
  /** As it was asked, without `thaw`. */
  command: string[];
}

export interface Surroundings {
  progress: Progress;
  /** Aborted with an InterruptedError; the bisection then ends after the run that goes on, and can be taken up again. */
  signal: AbortSignal;
}

/** UsageError where the versions, the scenario or what is asked of them is wrong. */
export async function planBisect(question: BisectQuestion, surroundings: Surroundings): Promise<BisectJob> {
  const { scenario: file, overrides, failure, confidence, runs, command } = question;
  requireKnown(failure);
  const { scenario } = await loadScenario(file, overrides);
  const { direction, versions } = await versionsOf(question, surroundings);
  for (const { change } of versions) applyOverrides(scenario, change);
  const asked = { name: scenario.name, scenarioFile: file, failure, confidence, runs, command };
  return { plan: { ...asked, direction, versions }, scenario };
}

/** Runs versions until the first that is changed is known, as far as it can be. */
export async function bisect(
  job: BisectJob,
  { reportsDirectory, ...surroundings }: Surroundings & { reportsDirectory: string },
): Promise<{ result: BisectResult; directory: string }> {
  requireWritable(reportsDirectory);
  return search(job, beginBisect(reportsDirectory, job, new Date().toISOString()), surroundings);
}

/** Takes up one that was interrupted, where it was; one that has ended is told again. */
export async function resumeBisect(
  directory: string,
  surroundings: Surroundings,
): Promise<{ result: BisectResult; directory: string }> {
  const { store, ...job } = openBisect(directory);
  return search(job, store, surroundings);
}

async function search(
  job: BisectJob,
  store: BisectStore,
  surroundings: Surroundings,
): Promise<{ result: BisectResult; directory: string }> {
  const { progress, signal } = surroundings;
  for (;;) {
    const step = stepOf(job.plan, store.trials);
    if (step.kind !== 'run' || signal.aborted) break;
    progress.line(announcement(job.plan, step.version, store.trials));
    const trial = await tryVersion(job, step.version, store.directory, surroundings);
    // What was cut short tells nothing, and is made again.
    if (signal.aborted) break;
    progress.line(`  ${trial.state}: ${trial.because.split('\n')[0]}`);
    store.append(trial);
  }
  const result = bisectResult(job.plan, store.trials);
  store.saveResult(result);
  return { result, directory: store.directory };
}

/** A version that cannot be run is a result; a bug is not. */
async function tryVersion(
  { plan, scenario }: BisectJob,
  version: number,
  directory: string,
  surroundings: Surroundings,
): Promise<Trial> {
  const startedAt = new Date().toISOString();
  const began = performance.now();
  const { change } = plan.versions[version] as Version;
  const own = applyOverrides(scenario, change);
  const loaded = { scenario: own, file: plan.scenarioFile, text: writeScenario(documentOf(own)) };
  const found = await runScenario({ loaded, reportsDirectory: directory, ...surroundings }).then(
    (ended) => ({
      ...judgeRun(ended.record, plan.failure),
      run: relative(directory, ended.directory),
      log: null,
    }),
    cannotRun,
  );
  return { version, ...found, seconds: Math.round(performance.now() - began) / 1_000, startedAt };
}

function cannotRun(error: unknown): Judgement & Pick<Trial, 'run' | 'log'> {
  if (!(error instanceof ThawError)) throw error;
  const unbuildable = error instanceof BuildError;
  return {
    state: unbuildable ? 'unbuildable' : 'unknown',
    because: error.message,
    symptoms: [],
    cause: null,
    software: null,
    run: null,
    log: unbuildable ? error.log : null,
  };
}

function announcement(plan: BisectPlan, version: number, trials: readonly Trial[]): string {
  const { name, subject } = plan.versions[version] as Version;
  const before = trials.filter((one) => one.version === version).length;
  const again = before === 0 ? '' : `, run ${before + 1} of it`;
  const inner = version > 0 && version < plan.versions.length - 1;
  const what = inner ? 'between' : version === failingEnd(plan) ? 'the bad end' : 'the good end';
  return `run ${trials.length + 1}, ${what}: ${name}${subject === null ? '' : ` ${subject}`}${again}`;
}

async function versionsOf(
  question: BisectQuestion,
  { progress, signal }: Surroundings,
): Promise<Pick<BisectPlan, 'direction' | 'versions'>> {
  const { repository, part, good, bad } = question;
  if (repository === null) {
    const { direction, versions } = releasedVersions(question, AUTO_SUITES.toReversed());
    return { direction, versions: versions.map((version) => absolute(version, question)) };
  }
  if (part === null)
    throw new UsageError('of what --repository has the sources is not said', 'add --part criu');
  const context = { cache: cacheDirectory(), announce: (line: string) => progress.line(line), signal };
  const source = parseSource(`git:${repository}@${good}`);
  const place = source.kind === 'git' ? source.repository : repository;
  const { goodFirst, commits } = await historyBetween(place, { good, bad }, context);
  return {
    direction: goodFirst ? 'first-bad' : 'first-fixed',
    versions: commits.map(({ commit, subject, merge }) => ({
      name: commit.slice(0, 12),
      subject,
      merge,
      change: { [part]: `git:${place}@${commit}` },
    })),
  };
}

/** A relative path means the same wherever it is taken up again; parts of the command line stay above a whole toolchain. */
function absolute(version: Version, { part, overrides }: BisectQuestion): Version {
  if (part !== null) return { ...version, change: { [part]: sourceText(parseSource(version.name)) } };
  const { runc, crun, criu } = overrides;
  const own: VersionChange = { ...(runc && { runc }), ...(crun && { crun }), ...(criu && { criu }) };
  const parts = Object.entries(own).map(([tool, from]) => [tool, sourceText(parseSource(from))]);
  return { ...version, change: { ...version.change, ...Object.fromEntries(parts) } };
}

function requireKnown(failure: string | null): void {
  if (failure === null) return;
  const all = knownFailures().failures.map(({ id }) => id);
  if (all.includes(failure)) return;
  throw new UsageError(
    `--failure: ${failure} is no known failure${nearest(failure, all)}`,
    'see docs/diagnosis.md',
  );
}
