/** A context without a process: actions that note how they were called, and outputs that are kept. */
import { PassThrough } from 'node:stream';
import type { Actions } from '../../harness/cli/commands.ts';
import type { Context, Output } from '../../harness/cli/context.ts';
import type { RunRecord } from '../../harness/model.ts';
import { bisectOf, bisectPlan } from '../report/bisect/fixture.ts';
import { calibrationOf } from '../report/calibration-fixture.ts';
import { comparisonOf } from '../report/comparison/fixture.ts';
import { passingRecord } from '../report/fixture.ts';
import { minimisedOf, reproOf } from '../report/repro/fixture.ts';
import { suiteOf, suitePlan } from '../report/suite/fixture.ts';
import { sweepOf } from '../report/sweep/fixture.ts';
import { listed, trial } from '../report/toolchains-fixture.ts';
import { trendFound } from '../report/trend/fixture.ts';

export interface Fake {
  context: Omit<Context, 'finish'>;
  /** What the actions were asked, in order. */
  calls: unknown[];
  out: () => string;
  err: () => string;
}

export function fakeContext(
  argv: string[],
  given: Partial<Omit<Context, 'finish' | 'actions'>> & {
    actions?: Partial<Actions>;
    records?: RunRecord[];
  } = {},
): Fake {
  const { actions, records = [passingRecord()], ...rest } = given;
  const calls: unknown[] = [];
  const [out, err] = [collector(), collector()];
  const next = () => {
    const record = records.shift();
    if (record === undefined) throw new Error('the fake has no record left');
    return record;
  };
  const fakes: Actions = {
    async loadScenario(path, overrides) {
      calls.push(['load', path, overrides]);
      return { scenario: passingRecord().head.scenario, file: path, text: '' };
    },
    async runScenario({ loaded, reportsDirectory, progress }) {
      calls.push(['run', loaded.file, reportsDirectory]);
      progress.line('a migration');
      return { record: next(), directory: `${process.cwd()}/reports/httpd/1` };
    },
    async openLivePage() {
      calls.push(['open page']);
      return {
        url: 'http://127.0.0.1:1/token/',
        beside: (progress) => progress,
        begun: () => {},
        onPhase: () => {},
        look: () => {},
        ended: () => {},
        async close(text) {
          calls.push(['close page', text]);
          return null;
        },
      };
    },
    async signOfLife() {
      return null;
    },
    async resume(directory, options) {
      calls.push(['resume', directory, options]);
      const { scenario } = passingRecord().head;
      const part = { run: '1', outcome: 'interrupted', migrations: 3, failed: 0 } as const;
      const continues = [{ ...part, elapsedMs: 1_500, frozenWindowMs: 200, downtimeMs: 250 }];
      return { loaded: { scenario, file: 'httpd.yaml', text: '' }, reportsDirectory: 'reports', continues };
    },
    async runAgainst({ base, candidate, rounds, reportsDirectory }) {
      calls.push([
        'against',
        base.scenario.toolchain,
        candidate.scenario.toolchain,
        rounds,
        reportsDirectory,
      ]);
      return { base: ['/r/1', '/r/4'], candidate: ['/r/2', '/r/3'] };
    },
    async loadSweep(path, overrides) {
      calls.push(['load sweep', path, overrides]);
      const { scenario } = passingRecord().head;
      const cells = ['16MiB', '64MiB'].map((memory) => ({
        scenario: { ...scenario, cell: { 'bundle.counter.memory': memory } },
        file: path,
        text: '',
      }));
      return { axes: [{ key: 'bundle.counter.memory', values: ['16MiB', '64MiB'] }], rounds: 2, cells };
    },
    async runSweep({ sweep, reportsDirectory }) {
      calls.push(['sweep', sweep.cells.length, reportsDirectory]);
      const directory = `${process.cwd()}/reports/memory/sweep-1`;
      return { result: sweepOf(), directory, runs: [`${directory}/memory/1`, `${directory}/memory/2`] };
    },
    async loadSuite(path, options) {
      calls.push(['load suite', path, options]);
      return { plan: suitePlan(), scenarios: new Map() };
    },
    async earlierResults(paths, newest) {
      calls.push(['earlier', paths, newest]);
      return [];
    },
    async runSuite({ cells, shard, reportsDirectory }) {
      calls.push(['suite', cells.map(({ id }) => id), shard, reportsDirectory]);
      return { result: suiteOf(), directory: `${process.cwd()}/reports/runtimes/suite-1` };
    },
    async recomputeSuite() {
      return null;
    },
    async mergeSuites(paths, into) {
      calls.push(['merge', paths, into]);
      return suiteOf();
    },
    async calibrate({ loaded, lengthsMs, repeats, reportsDirectory }) {
      calls.push(['calibrate', loaded.file, lengthsMs, repeats, reportsDirectory]);
      return { calibration: calibrationOf(), directory: `${process.cwd()}/reports/calibrate/1` };
    },
    async recomputeSweep() {
      return null;
    },
    async recomputeReport(directory, options) {
      calls.push(['report', directory, options]);
      return next();
    },
    async indexRuns(folder) {
      calls.push(['index', folder]);
      const unreadable = [{ directory: 'httpd/2', why: 'it has no head.json' }];
      return { file: `${process.cwd()}/${folder}/index.html`, runs: 3, unreadable };
    },
    async compareRuns(request) {
      calls.push(['compare', request]);
      return comparisonOf();
    },
    async keepBaseline(file, runs) {
      calls.push(['keep baseline', file, runs]);
      return 30;
    },
    async addToHistory(file, runs) {
      calls.push(['add to history', file, runs]);
      return { added: runs.length, there: 0 };
    },
    async trendOf(file, options) {
      calls.push(['trend', file, options]);
      return trendFound();
    },
    isOurs: async () => true,
    async loadRecord(path) {
      calls.push(['record', path]);
      return next();
    },
    async reproduce({ before: _, progress: __, signal: ___, ...request }) {
      calls.push(['reproduce', request]);
      return reproOf();
    },
    async minimise({ run, times }) {
      calls.push(['minimise', run, times]);
      return minimisedOf();
    },
    async planBisect(question) {
      calls.push(['plan bisect', question]);
      return { plan: bisectPlan(), scenario: passingRecord().head.scenario };
    },
    async bisect(_, { reportsDirectory }) {
      calls.push(['bisect', reportsDirectory]);
      return { result: bisectOf(), directory: `${process.cwd()}/reports/httpd/bisect-1` };
    },
    async resumeBisect(directory) {
      calls.push(['resume bisect', directory]);
      return { result: bisectOf(), directory };
    },
    async scriptOf({ head }) {
      calls.push(['script', head.id]);
      return `#!/bin/sh\n`;
    },
    async packRun(directory, file, options) {
      calls.push(['pack', directory, file, options]);
      const redacted = [{ kind: 'secret', values: 1, replaced: 2, example: 'REDACTED-secret-1' }];
      const leftOut = [{ name: 'x', why: 'a symbolic link' }];
      const unredacted = options.images ? ['migrations/0001/images-rhel01.tar.gz'] : [];
      return { file, files: ['record.json'], leftOut, redacted, unredacted };
    },
    async explain(path) {
      calls.push(['explain', path]);
      return [];
    },
    async writeReport(path, text) {
      calls.push(['write', path, text]);
    },
    async examine({ testbed }) {
      calls.push(['examine', testbed]);
      return [{ id: 'root', what: 'root', state: 'ok', found: 'yes', why: 'because', next: null }];
    },
    async examineScenario({ loaded }) {
      calls.push(['examine scenario', loaded.file]);
      return [
        {
          id: 'needs-strategy',
          what: 'rhel01 strategy',
          state: 'ok',
          found: 'yes',
          why: 'because',
          next: null,
        },
      ];
    },
    async manageTestbed(action, { testbed }) {
      calls.push(['testbed', action, testbed]);
      return [{ name: 'rhel01', up: true, found: 'runc 1.1.5, CRIU 3.17.1' }];
    },
    async openShell(host, { testbed }) {
      calls.push(['shell', host, testbed]);
      return 0;
    },
    async cleanTestbed(testbed, options) {
      calls.push(['clean testbed', testbed, options]);
      return { removed: ['rhel01: /var/lib/thaw/toolchains'], left: [], running: [] };
    },
    async cleanUp(options) {
      calls.push(['clean', options]);
      return { removed: [], left: [], running: [] };
    },
    async listToolchains() {
      return listed();
    },
    async buildToolchain(asked) {
      calls.push(['build toolchain', asked]);
      return { asked, name: asked, root: '/cache/roots/x/root', binaries: null };
    },
    async checkToolchain(name) {
      calls.push(['check toolchain', name]);
      return { name, ...trial() };
    },
    async removeToolchains(removal) {
      calls.push(['remove toolchains', removal]);
      return { removed: [], inUse: [] };
    },
    ...actions,
  };
  const context = {
    actions: fakes,
    out: out.stream,
    err: err.stream,
    environment: {},
    platform: 'linux' as const,
    uid: 0,
    argv,
    now: () => 0,
    signal: new AbortController().signal,
    ...rest,
  };
  return { context, calls, out: out.text, err: err.text };
}

function collector(): { stream: Output; text: () => string } {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (chunk) => {
    text += String(chunk);
  });
  return { stream, text: () => text };
}
