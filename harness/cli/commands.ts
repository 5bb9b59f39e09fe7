/** What the commands do, by name; loaded when it is called for, so that `--help` answers at once. */
import type { AgainstRequest, Sides } from '../against.ts';
import type { BisectResult } from '../analysis/bisect/result.ts';
import type { Comparison } from '../analysis/compare/comparison.ts';
import type { ReproResult } from '../analysis/repro/result.ts';
import type { Earlier } from '../analysis/suite/plan.ts';
import type { SuiteResult } from '../analysis/suite/result.ts';
import type { SweepResult } from '../analysis/sweep/result.ts';
import type { Trend } from '../analysis/trend/model.ts';
import type { TrendOptions } from '../analysis/trend/trend.ts';
import type { BisectQuestion, Surroundings } from '../bisect.ts';
import type { CalibrateRequest } from '../calibrate.ts';
import type { CompareRequest } from '../compare.ts';
import type { LivePage } from '../live-page/open.ts';
import type { Calibration, Explanation, Finding, RunRecord } from '../model.ts';
import type { Packed, PackOptions } from '../pack.ts';
import type { Cleaned } from '../report/findings.ts';
import type { Progress } from '../report/progress.ts';
import type { Minimised, ReproRequest } from '../repro.ts';
import type { Resumed } from '../resume.ts';
import type { RunRequest } from '../run.ts';
import type { LoadedScenario, LoadedSweep } from '../scenario/load.ts';
import type { Overrides } from '../scenario/overrides.ts';
import type { LoadedSuite, SuiteOptions } from '../scenario/suite.ts';
import type { SignOfLife } from '../store/alive.ts';
import type { BisectJob } from '../store/bisect.ts';
import type { Indexed } from '../store/index-runs.ts';
import type { AskedFor } from '../store/reports.ts';
import type { SuiteRequest } from '../suite.ts';
import type { SweepEnded, SweepRequest } from '../sweep.ts';
import type { HostState, TestbedAction } from '../testbed/manage.ts';
import type {
  BuiltToolchain,
  CheckedToolchain,
  ListedItem,
  Removal,
  Removed,
} from '../testbed/toolchain-cache.ts';

export interface Actions {
  /** Throws a UsageError where the scenario, or what the command line makes of it, is wrong. */
  loadScenario(path: string, overrides: Overrides): Promise<LoadedScenario>;
  runScenario(request: RunRequest): Promise<{ record: RunRecord; directory: string }>;
  /** A page of what is run, in a browser on this machine. */
  openLivePage(): Promise<LivePage>;
  /** Null where the run has ended. */
  signOfLife(directory: string): Promise<SignOfLife | null>;
  /** UsageError where there is nothing to go on with; or it was not begun here, unless `anyones` may go on. */
  resume(directory: string, options: { anyones: boolean }): Promise<Resumed>;
  runAgainst(request: AgainstRequest): Promise<Sides>;
  loadSweep(path: string, overrides: Overrides): Promise<LoadedSweep>;
  runSweep(request: SweepRequest): Promise<SweepEnded>;
  loadSuite(path: string, options: SuiteOptions): Promise<LoadedSuite>;
  /** `paths`: null for the newest result of this suite below the reports; none where there is none. */
  earlierResults(paths: string[] | null, newest: { reports: string; name: string }): Promise<Earlier[]>;
  runSuite(request: SuiteRequest): Promise<{ result: SuiteResult; directory: string }>;
  /** Null where it is neither the directory nor the result of a suite. */
  recomputeSuite(path: string, html?: string): Promise<SuiteResult | null>;
  /** Written into a file as well, where one is named, and its page into another. */
  mergeSuites(paths: string[], into: string | null, html?: string): Promise<SuiteResult>;
  calibrate(request: CalibrateRequest): Promise<{ calibration: Calibration; directory: string }>;
  /** Null where the directory is that of a run. */
  recomputeSweep(directory: string, html?: string): Promise<SweepResult | null>;
  /** Rewrites the record and the page of a run directory, and the files that are asked for. */
  recomputeReport(directory: string, asked: AskedFor): Promise<RunRecord>;
  /** Makes a page over all runs of a folder, in it. */
  indexRuns(folder: string): Promise<Indexed>;
  compareRuns(request: CompareRequest): Promise<Comparison>;
  /** How many measured migrations are in it. */
  keepBaseline(file: string, runs: readonly string[]): Promise<number>;
  /** Run directories or record files; those that are there already are only counted. */
  addToHistory(file: string, runs: readonly string[]): Promise<{ added: number; there: number }>;
  trendOf(file: string, options: TrendOptions): Promise<Trend>;
  /** UsageError where it is no run. */
  loadRecord(path: string): Promise<RunRecord>;
  /** Whether the run in that directory was begun by this user of this machine, and is as it was begun. */
  isOurs(run: string, record: RunRecord): Promise<boolean>;
  reproduce(request: ReproRequest): Promise<ReproResult>;
  minimise(request: ReproRequest): Promise<Minimised>;
  planBisect(question: BisectQuestion, surroundings: Surroundings): Promise<BisectJob>;
  bisect(job: BisectJob, where: Surroundings & { reportsDirectory: string }): Promise<BisectEnded>;
  resumeBisect(directory: string, surroundings: Surroundings): Promise<BisectEnded>;
  packRun(directory: string, file: string, options: PackOptions): Promise<Packed>;
  /** UsageError where the run has what a script does not do. */
  scriptOf(record: RunRecord): Promise<string>;
  explain(path: string): Promise<Explanation[]>;
  writeReport(path: string, text: string): Promise<void>;
  /** `testbed`: as on the command line; null for this machine and its namespaces. */
  examine(options: { testbed: string | null; progress: Progress; signal: AbortSignal }): Promise<Finding[]>;
  /** The same of what one scenario needs; nothing is started but the hosts, and they are put away. */
  examineScenario(options: {
    loaded: LoadedScenario;
    progress: Progress;
    signal: AbortSignal;
  }): Promise<Finding[]>;
  manageTestbed(action: TestbedAction, options: ManageOptions): Promise<HostState[]>;
  /** The exit status of the shell. */
  openShell(host: string, options: ManageOptions): Promise<number>;
  cleanUp(options: { dryRun: boolean }): Promise<Cleaned>;
  /** What runs keep on the hosts of a testbed that stays. */
  cleanTestbed(testbed: string, options: { dryRun: boolean }): Promise<Cleaned>;
  listToolchains(): Promise<ListedItem[]>;
  buildToolchain(name: string, options: ToolchainOptions): Promise<BuiltToolchain>;
  checkToolchain(name: string, options: ToolchainOptions): Promise<CheckedToolchain>;
  removeToolchains(removal: Removal, announce: (line: string) => void): Promise<Removed>;
}

export interface BisectEnded {
  result: BisectResult;
  directory: string;
}

export interface ToolchainOptions {
  progress: Progress;
  signal: AbortSignal;
}

export interface ManageOptions {
  testbed: string;
  progress: Progress;
  signal: AbortSignal;
}

export const actions: Actions = {
  async loadScenario(path, overrides) {
    const { loadScenario } = await import('../scenario/load.ts');
    return loadScenario(path, overrides);
  },
  async runScenario(request) {
    const { runScenario } = await import('../run.ts');
    return runScenario(request);
  },
  async openLivePage() {
    const { openLivePage } = await import('../live-page/open.ts');
    return openLivePage();
  },
  async signOfLife(directory) {
    const { signOfLife } = await import('../store/alive.ts');
    return signOfLife(directory);
  },
  async resume(directory, options) {
    const { resume } = await import('../resume.ts');
    return resume(directory, options);
  },
  async runAgainst(request) {
    const { runAgainst } = await import('../against.ts');
    return runAgainst(request);
  },
  async loadSweep(path, overrides) {
    const { loadSweep } = await import('../scenario/load.ts');
    return loadSweep(path, overrides);
  },
  async runSweep(request) {
    const { runSweep } = await import('../sweep.ts');
    return runSweep(request);
  },
  async loadSuite(path, options) {
    const { loadSuite } = await import('../scenario/suite.ts');
    const { knownFailures } = await import('../diagnosis/catalogue.ts');
    const failures = knownFailures().failures.map(({ id }) => id);
    return loadSuite(path, options, { failures, today: new Date().toISOString().slice(0, 10) });
  },
  async earlierResults(paths, { reports, name }) {
    const { loadSuiteResult, newestSuiteResult } = await import('../store/suite.ts');
    const { earlierOf } = await import('../analysis/suite/result.ts');
    const newest = paths === null ? newestSuiteResult(reports, name) : null;
    return earlierOf((paths ?? (newest === null ? [] : [newest])).map(loadSuiteResult));
  },
  async runSuite(request) {
    const { runSuite } = await import('../suite.ts');
    return runSuite(request);
  },
  async recomputeSuite(path, html) {
    const { isSuiteDirectory, isSuiteResult } = await import('../store/suite.ts');
    if (isSuiteResult(path)) {
      const { showAgain } = await import('../store/merged-suites.ts');
      return showAgain(path, html);
    }
    if (!isSuiteDirectory(path)) return null;
    const { deriveSuite } = await import('../suite.ts');
    return deriveSuite(path, html);
  },
  async mergeSuites(paths, into, html) {
    const { mergeSuites } = await import('../store/merged-suites.ts');
    return mergeSuites(paths, { into, html });
  },
  async calibrate(request) {
    const { calibrate } = await import('../calibrate.ts');
    return calibrate(request);
  },
  async recomputeSweep(directory, html) {
    const { isSweep } = await import('../store/sweep.ts');
    if (!isSweep(directory)) return null;
    const { deriveSweep } = await import('../sweep.ts');
    return deriveSweep(directory, html);
  },
  async recomputeReport(directory, asked) {
    const { deriveRecord } = await import('../run.ts');
    return deriveRecord(directory, asked);
  },
  async indexRuns(folder) {
    const { indexRuns } = await import('../store/index-runs.ts');
    return indexRuns(folder);
  },
  async compareRuns(request) {
    const { compareRuns } = await import('../compare.ts');
    return compareRuns(request);
  },
  async keepBaseline(file, runs) {
    const { keepBaseline } = await import('../compare.ts');
    return keepBaseline(file, runs);
  },
  async addToHistory(file, runs) {
    const { addToHistory } = await import('../trend.ts');
    return addToHistory(file, runs);
  },
  async trendOf(file, options) {
    const { trendOf } = await import('../trend.ts');
    return trendOf(file, options);
  },
  async isOurs(run, { head }) {
    const { isOurs } = await import('../store/origin.ts');
    return isOurs(run, head);
  },
  async loadRecord(path) {
    const { loadRecord } = await import('../store/load-record.ts');
    return loadRecord(path);
  },
  async reproduce(request) {
    const { reproduce } = await import('../repro.ts');
    return reproduce(request);
  },
  async minimise(request) {
    const { minimise } = await import('../repro.ts');
    return minimise(request);
  },
  async planBisect(question, surroundings) {
    const { planBisect } = await import('../bisect.ts');
    return planBisect(question, surroundings);
  },
  async bisect(job, where) {
    const { bisect } = await import('../bisect.ts');
    return bisect(job, where);
  },
  async resumeBisect(directory, surroundings) {
    const { resumeBisect } = await import('../bisect.ts');
    return resumeBisect(directory, surroundings);
  },
  async packRun(directory, file, options) {
    const { packRun } = await import('../pack.ts');
    return packRun(directory, file, options);
  },
  async scriptOf(record) {
    const { scriptOf } = await import('../script.ts');
    return scriptOf(record);
  },
  async explain(path) {
    const { explain } = await import('../explain.ts');
    return explain(path);
  },
  async writeReport(path, text) {
    const { writeReport } = await import('../store/write-report.ts');
    writeReport(path, text);
  },
  async examineScenario({ loaded, ...rest }) {
    const { examineScenario } = await import('../examine.ts');
    const { openScope } = await import('../scope.ts');
    const { startClock } = await import('../clock.ts');
    const { deferredTranscript } = await import('../host/transcript.ts');
    const scope = openScope();
    const setting = { ...rest, scope, clock: startClock(), transcript: deferredTranscript() };
    return examineScenario(loaded.scenario, setting).finally(() => scope.close());
  },
  async examine(options) {
    const { examine } = await import('../testbed/manage.ts');
    return examine(options);
  },
  async manageTestbed(action, options) {
    const { manageTestbed } = await import('../testbed/manage.ts');
    return manageTestbed(action, options);
  },
  async openShell(host, options) {
    const { openShell } = await import('../testbed/manage.ts');
    return openShell(host, options);
  },
  async cleanUp(options) {
    const { cleanUp } = await import('../testbed/clean.ts');
    return cleanUp(options);
  },
  async cleanTestbed(testbed, options) {
    const { cleanTestbed } = await import('../testbed/manage.ts');
    return cleanTestbed(testbed, options);
  },
  async listToolchains() {
    const { listToolchains } = await import('../testbed/toolchain-cache.ts');
    return listToolchains();
  },
  async buildToolchain(name, options) {
    const { buildToolchain, settingOf } = await import('../testbed/toolchain-cache.ts');
    return buildToolchain(name, settingOf(options));
  },
  async checkToolchain(name, options) {
    const { checkToolchain, settingOf } = await import('../testbed/toolchain-cache.ts');
    return checkToolchain(name, settingOf(options));
  },
  async removeToolchains(removal, announce) {
    const { removeToolchains } = await import('../testbed/toolchain-cache.ts');
    return removeToolchains(removal, { announce });
  },
};
