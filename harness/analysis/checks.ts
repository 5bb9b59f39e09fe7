/** What must hold: each check with its verdict and the figures that decided. Unknown is never pass. */
import type {
  Distribution,
  HostName,
  Limit,
  MigrationResult,
  Scenario,
  ServedBy,
  Verdict,
  VerdictState,
} from '../model.ts';
import { isUnknown } from './intervals.ts';
import { quantile } from './statistics.ts';

export interface CheckInput {
  scenario: Scenario;
  results: readonly MigrationResult[];
  distributions: readonly Distribution[];
  servedBy: readonly ServedBy[];
  expected: readonly HostName[];
  /** Answers of a source that were sent for after its destination had answered, by migration number. */
  splitBrain: ReadonlyMap<number, number>;
}

export function verdicts(input: CheckInput): Verdict[] {
  const { checks } = input.scenario;
  return [
    failedMigrations(input),
    ...(checks.knownHosts ? [knownHosts(input)] : []),
    ...(checks.noSplitBrain ? [noSplitBrain(input)] : []),
    ...(checks.hostOrder ? [hostOrder(input)] : []),
    ...(checks.lostRequestsAtMost === null ? [] : [lostRequests(input, checks.lostRequestsAtMost)]),
    ...(checks.brokenConnectionsAtMost === null
      ? []
      : [brokenConnections(input, checks.brokenConnectionsAtMost)]),
    ...checks.limits.map((limit) => limited(limit, input)),
  ];
}

/** The worst of all; without any, nothing is known. */
export function worst(states: readonly VerdictState[]): VerdictState {
  if (states.includes('fail')) return 'fail';
  return states.length === 0 || states.includes('unknown') ? 'unknown' : 'pass';
}

function verdict(check: string, state: VerdictState, why: string): Verdict {
  return { check, state, why };
}

function failedMigrations({ scenario, results }: CheckInput): Verdict {
  const check = 'failed migrations';
  const allowed = scenario.checks.failedMigrationsAtMost;
  const wanted = scenario.migration.count + scenario.migration.warmUp;
  const failed = results.filter(({ outcome }) => outcome.state === 'failed');
  const told = `${failed.length} of ${results.length} failed, at most ${allowed} may`;
  if (failed.length > allowed) {
    return verdict(
      check,
      'fail',
      `${told}: ${failed
        .map(({ number }) => `#${number}`)
        .slice(0, 10)
        .join(', ')}`,
    );
  }
  if (results.length < wanted)
    return verdict(check, 'unknown', `${told}; only ${results.length} of ${wanted} took place`);
  return verdict(check, 'pass', told);
}

function knownHosts({ scenario, servedBy }: CheckInput): Verdict {
  const check = 'known hosts';
  if (servedBy.length === 0) return verdict(check, 'unknown', 'no answer was received');
  const strangers = servedBy.filter(({ host }) => !scenario.migration.path.includes(host));
  const answers = servedBy.reduce((sum, stretch) => sum + stretch.answers, 0);
  if (strangers.length === 0) return verdict(check, 'pass', `${answers} answers, all by a host of the path`);
  const theirs = strangers.reduce((sum, stretch) => sum + stretch.answers, 0);
  return verdict(
    check,
    'fail',
    `${theirs} of ${answers} answers by no host of the path, such as ${quote(strangers[0]?.host ?? '')}`,
  );
}

function noSplitBrain({ results, splitBrain, servedBy }: CheckInput): Verdict {
  const check = 'no split brain';
  const completed = results.filter(({ outcome }) => outcome.state === 'completed');
  if (servedBy.length === 0 || completed.length === 0) {
    return verdict(check, 'unknown', 'there were no answers around a completed migration');
  }
  const bad = [...splitBrain].filter(([, answers]) => answers > 0);
  if (bad.length === 0) {
    return verdict(
      check,
      'pass',
      `in ${completed.length} migrations no source answered after its destination`,
    );
  }
  const [number, answers] = bad[0] as [number, number];
  return verdict(
    check,
    'fail',
    `in migration #${number} the source gave ${answers} answers after the destination had answered`,
  );
}

function hostOrder({ servedBy, expected }: CheckInput): Verdict {
  const check = 'host order';
  if (servedBy.length === 0) return verdict(check, 'unknown', 'no answer was received');
  const seen = servedBy.map(({ host }) => host);
  const differs = expected.findIndex((host, i) => seen[i] !== host);
  const at = differs === -1 && seen.length > expected.length ? expected.length : differs;
  if (at === -1)
    return verdict(check, 'pass', `${seen.length} stretches of answers, in the order of the migrations`);
  const found = seen[at] === undefined ? 'nobody' : quote(seen[at]);
  return verdict(
    check,
    'fail',
    `stretch ${at + 1} was served by ${found}, expected ${expected[at] ?? 'nobody'}`,
  );
}

function lostRequests({ results }: CheckInput, atMost: number): Verdict {
  const check = 'lost requests';
  if (results.length === 0) return verdict(check, 'unknown', 'there was no migration');
  const lost = results.reduce(
    (sum, result) => sum + Object.values(result.lost).reduce((a, b) => a + b, 0),
    0,
  );
  return verdict(check, lost <= atMost ? 'pass' : 'fail', `${lost} lost, at most ${atMost} may be`);
}

function brokenConnections({ results }: CheckInput, atMost: number): Verdict {
  const check = 'broken connections';
  let broken = 0;
  let survived = 0;
  const unknown: MigrationResult[] = [];
  for (const result of results) {
    if (isUnknown(result.connections)) unknown.push(result);
    else {
      broken += result.connections.broken;
      survived += result.connections.survived;
    }
  }
  const told = `${broken} broke and ${survived} survived, at most ${atMost} may break`;
  if (broken > atMost) return verdict(check, 'fail', told);
  const [first] = unknown;
  if (first !== undefined && isUnknown(first.connections)) {
    return verdict(check, 'unknown', `${told}; migration #${first.number}: ${first.connections.unknown}`);
  }
  return verdict(check, results.length === 0 ? 'unknown' : 'pass', told);
}

/** The bounds of a measurement in one migration: a limit holds for sure only if the upper one is below it. */
function boundsOf(limit: Limit, result: MigrationResult): [number, number] | null {
  switch (limit.measurement) {
    case 'downtime':
      return isUnknown(result.downtime)
        ? null
        : [result.downtime.ms, Math.max(result.downtime.ms, result.downtime.bracketMs)];
    case 'frozen-window':
      return isUnknown(result.frozenWindow)
        ? null
        : [result.frozenWindow.window.atLeastMs, result.frozenWindow.window.atMostMs];
    case 'gap':
      return isUnknown(result.gap) ? null : [result.gap.atLeastMs, result.gap.atMostMs];
    case 'frozen_time':
      return isUnknown(result.dumpStats)
        ? null
        : [result.dumpStats.frozen_time / 1_000, result.dumpStats.frozen_time / 1_000];
  }
}

const PORTION = { median: 0.5, p95: 0.95, max: 1 } as const;

function limited(limit: Limit, { results }: CheckInput): Verdict {
  const check = `${limit.statistic} ${limit.measurement}`;
  const measured = results.filter((result) => !result.warmUp);
  const bounds = measured.map((result) => boundsOf(limit, result));
  const known = bounds.filter((pair) => pair !== null);
  if (known.length === 0) return verdict(check, 'unknown', 'it is not known of any migration');
  const low = quantile(
    known.map(([least]) => least),
    PORTION[limit.statistic],
  ) as number;
  const high = quantile(
    known.map(([, most]) => most),
    PORTION[limit.statistic],
  ) as number;
  const figure = low === high ? `${ms(low)}` : `${ms(low)} to ${ms(high)}`;
  const told = `${figure} over ${known.length} migrations, limit ${ms(limit.atMostMs)}`;
  const missing = measured.length - known.length;
  if (missing > 0) return verdict(check, 'unknown', `${told}; not known of ${missing} more`);
  if (high <= limit.atMostMs) return verdict(check, 'pass', told);
  return verdict(check, low > limit.atMostMs ? 'fail' : 'unknown', told);
}

function ms(value: number): string {
  return `${value >= 100 ? value.toFixed(0) : value.toFixed(1)} ms`;
}

function quote(host: string): string {
  return JSON.stringify(host.slice(0, 40));
}
