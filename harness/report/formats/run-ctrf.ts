/** A run in the Common Test Report Format: the cases of its JUnit XML, then each migration; unknown is `other`. */
import type { Instant, MigrationResult, RunHead, RunRecord } from '../../model.ts';
import { runtimeText } from '../../runtime/commands.ts';
import { safeLines, safeText } from '../text.ts';
import { epochMs } from './instants.ts';
import { type Case, casesOf } from './run-cases.ts';
import { figuresOf } from './run-csv.ts';
import { seriesOf } from './series.ts';

const STATUSES = { pass: 'passed', fail: 'failed', unknown: 'other', skipped: 'skipped' } as const;
type Status = (typeof STATUSES)[keyof typeof STATUSES];

interface Test {
  name: string;
  status: Status;
  duration: number;
  [other: string]: unknown;
}

/** Without a time of the report's own making: the same run gives the same bytes. */
export function runCtrf(record: RunRecord): string {
  const { head } = record;
  const tests = testsOf(record);
  return `${JSON.stringify(
    {
      reportFormat: 'CTRF',
      specVersion: '0.0.0',
      runId: safeText(head.id, 200) || undefined,
      generatedBy: `thaw ${safeText(head.thaw, 40)}`,
      results: {
        tool: { name: 'thaw', version: safeText(head.thaw, 40) },
        summary: summaryOf(record, tests),
        tests,
        environment: environmentOf(head),
      },
    },
    null,
    2,
  )}\n`;
}

function testsOf(record: RunRecord): Test[] {
  const [run, ...checks] = casesOf(record);
  const suite = seriesOf(record.head.scenario);
  return [
    {
      ...caseTest(run, [suite]),
      ...(record.tail === null ? UNTIMED : timed(record.head, 0, record.tail.endedMs)),
      rawStatus: record.outcome,
    },
    ...checks.map((check) => caseTest(check, [suite, 'checks'])),
    ...record.migrations.map((migration) => migrationTest(migration, record.head, [suite, 'migrations'])),
  ];
}

/** The format demands a duration of everything; what has none says so beside it. */
const UNTIMED = { duration: 0, extra: { duration: 'unknown' } };

function timed(head: RunHead, from: Instant, to: Instant) {
  const [start, stop] = [epochMs(head, from), epochMs(head, to)];
  return { duration: stop - start, start, stop, extra: undefined };
}

function caseTest({ name, state, why }: Case, suite: string[]): Test {
  return {
    name: nameOf(name),
    status: STATUSES[state],
    suite,
    message: safeText(why, 1_000),
    rawStatus: state,
    ...UNTIMED,
  };
}

function migrationTest(migration: MigrationResult, head: RunHead, suite: string[]): Test {
  const { number, warmUp, source, destination, outcome, retries } = migration;
  const way = { source: safeText(source, 100), destination: safeText(destination, 100) };
  const time = timeOf(migration, head);
  return {
    name: nameOf(`migration ${number}: ${way.source} → ${way.destination}`),
    status: outcome.state === 'completed' ? 'passed' : 'failed',
    suite,
    ...saidOf(migration),
    rawStatus: outcome.state,
    ...(warmUp ? { tags: ['warm-up'] } : {}),
    parameters: { number, warm_up: warmUp, ...way },
    ...time,
    extra: { ...time.extra, ...figuresOf(migration), dump_retries: retries },
  };
}

/** From its first command to its last; what the client sees after that is not among it. */
function timeOf({ spans }: MigrationResult, head: RunHead) {
  const commands = spans.filter(({ host }) => host !== 'client');
  if (commands.length === 0) return UNTIMED;
  const from = Math.min(...commands.map(({ start }) => start.earliest));
  return timed(head, from, Math.max(...commands.map(({ end }) => end.latest)));
}

function saidOf({ outcome, diagnosis }: MigrationResult): { message?: string; trace?: string } {
  if (outcome.state === 'completed') return {};
  const { phase, survivor, rolledBack, error } = outcome;
  const where = survivor === null ? 'the container is lost' : `the container runs on ${survivor}`;
  const cause = diagnosis === null ? '' : `. ${diagnosis.cause}`;
  return {
    message: safeText(`failed at ${phase}; ${where}${rolledBack ? ', rolled back' : ''}${cause}`, 1_000),
    trace: safeLines(error, 400, 40).join('\n'),
  };
}

function summaryOf(record: RunRecord, tests: readonly Test[]) {
  const { head, tail } = record;
  const count = (wanted: Status) => tests.filter(({ status }) => status === wanted).length;
  const end = tail?.endedMs ?? lastKnown(record);
  return {
    tests: tests.length,
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    pending: 0,
    other: count('other'),
    start: epochMs(head, 0),
    stop: epochMs(head, end),
    ...(tail === null
      ? { extra: { stop: 'unknown: the run was killed, and this is the last that is known of it' } }
      : { duration: Math.round(end) }),
  };
}

function lastKnown({ migrations, servedBy }: RunRecord): Instant {
  const spans = migrations.flatMap((migration) => migration.spans);
  const instants = [...spans.map(({ end }) => end.latest), ...servedBy.map(({ lastMs }) => lastMs)];
  return instants.reduce((latest, instant) => Math.max(latest, instant), 0);
}

/** What differs between the hosts stands with each of them only. */
function environmentOf({ scenario, hosts }: RunHead) {
  const facts = hosts.map(({ name, kernel, distribution, architecture, cpu, cgroup, toolchain }) => ({
    name: safeText(name, 100),
    kernel: safeText(kernel, 100),
    distribution: safeText(distribution, 100),
    architecture: safeText(architecture, 100),
    cpu: safeText(cpu, 100),
    cgroup,
    toolchain: safeText(toolchain.name, 100),
    runtime: safeText(runtimeText(toolchain), 100),
    criu: safeText(toolchain.criu, 100),
  }));
  const common = (values: string[]) => (new Set(values).size === 1 ? values[0] : undefined);
  return {
    reportName: seriesOf(scenario),
    osPlatform: 'linux',
    osRelease: common(facts.map(({ kernel }) => kernel)),
    osVersion: common(facts.map(({ distribution }) => distribution)),
    testEnvironment: scenario.testbed.kind,
    extra: { strategy: scenario.migration.strategy.kind, hosts: facts },
  };
}

/** CTRF takes no empty name. */
function nameOf(name: string): string {
  return safeText(name, 200) || '(no name)';
}
