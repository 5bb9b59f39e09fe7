/** What must hold: each check with its verdict and the figures that decided. Unknown is never pass. */
import { count, counted } from '../counted.ts';
import type {
  HostName,
  LostCounts,
  MemoryHistory,
  MigrationResult,
  ProbeSummary,
  RunRecord,
  SanitizerReport,
  Scenario,
  ServedBy,
  Verdict,
  VerdictState,
} from '../model.ts';
import type { Bodies } from './bodies.ts';
import { rootMountChange } from './container.ts';
import { afterFaults, isStruck } from './faults/check.ts';
import { isUnknown } from './intervals.ts';
import { boundsIn, judgeLimit } from './limits.ts';
import { numbered } from './numbered.ts';
import type { SplitBrain } from './split-brain.ts';

export interface CheckInput {
  scenario: Scenario;
  results: readonly MigrationResult[];
  servedBy: readonly ServedBy[];
  expected: readonly HostName[];
  probe: ProbeSummary;
  /** Null where no answer told a count. */
  memory: MemoryHistory | null;
  bodies: Bodies;
  /** By migration number. */
  splitBrain: ReadonlyMap<number, SplitBrain>;
  /** What sanitizers reported: a check where there is any. */
  sanitizer: readonly SanitizerReport[];
}

export function verdicts(input: CheckInput): Verdict[] {
  const { checks } = input.scenario;
  return [
    failedMigrations(input),
    // Without a report nothing is known: what was built without a sanitizer has none either.
    ...(input.sanitizer.length > 0 ? [sanitizers(input.sanitizer)] : []),
    ...faultsVerdict(input),
    ...('preDumps' in input.scenario.migration.strategy ? [preDumped(input)] : []),
    ...(checks.knownHosts ? [knownHosts(input)] : []),
    ...(checks.noSplitBrain ? [noSplitBrain(input)] : []),
    ...(checks.oneContainer ? [oneContainer(input)] : []),
    ...(checks.sameContainer ? [sameContainer(input)] : []),
    ...(checks.noLostState ? [noLostState(input), startTime(input)] : []),
    ...(checks.noLostWrites ? [noLostWrites(input)] : []),
    ...(checks.sameBytes ? [sameBytes(input)] : []),
    ...(checks.hostOrder ? [hostOrder(input)] : []),
    ...(checks.lostRequestsAtMost === null ? [] : [lostRequests(input, checks.lostRequestsAtMost)]),
    ...(checks.brokenConnectionsAtMost === null
      ? []
      : [brokenConnections(input, checks.brokenConnectionsAtMost)]),
    ...checks.limits.map((limit) => judgeLimit(limit, boundsIn(limit, input.results))),
  ];
}

/** The verdict of the run: what was not done to its end cannot pass, whatever the checks say of the part. */
export function verdictOf(record: Pick<RunRecord, 'verdict' | 'outcome'>): VerdictState {
  return record.verdict === 'pass' && record.outcome !== 'completed' ? 'unknown' : record.verdict;
}

/** The worst of all; without any, nothing is known. */
export function worst(states: readonly VerdictState[]): VerdictState {
  if (states.includes('fail')) return 'fail';
  return states.length === 0 || states.includes('unknown') ? 'unknown' : 'pass';
}

function verdict(check: string, state: VerdictState, why: string): Verdict {
  return { check, state, why };
}

const REPORTS_SHOWN = 3;

function sanitizers(reports: readonly SanitizerReport[]): Verdict {
  const shown = reports
    .slice(0, REPORTS_SHOWN)
    .map(({ host, summary, file }) => `${host}: ${summary} (${file})`);
  const more = reports.length - shown.length;
  const all = [...shown, ...(more > 0 ? [`and ${more} more in sanitizer/`] : [])].join('; ');
  return verdict(
    'sanitizers',
    'fail',
    `${reports.length} ${reports.length === 1 ? 'report' : 'reports'}: ${all}`,
  );
}

function failedMigrations({ scenario, results }: CheckInput): Verdict {
  const check = 'failed migrations';
  const allowed = scenario.checks.failedMigrationsAtMost;
  const wanted = scenario.migration.count + scenario.migration.warmUp;
  const all = results.filter(({ outcome }) => outcome.state === 'failed');
  // What was broken on purpose is judged by what it left.
  const failed = all.filter((result) => !isStruck(result));
  const struck = all.length - failed.length;
  const besides = struck === 0 ? '' : `, besides ${struck} with a fault on purpose`;
  const told = `${failed.length} of ${results.length} failed${besides}, at most ${allowed} may`;
  if (failed.length > allowed) {
    return verdict(check, 'fail', `${told}: ${numbered(failed)}`);
  }
  // Of a run that lasts a given time nobody knows how many there will be.
  if (scenario.migration.forMs === null && results.length < wanted)
    return verdict(check, 'unknown', `${told}; only ${results.length} of ${wanted} took place`);
  return verdict(check, 'pass', told);
}

function faultsVerdict({ results }: CheckInput): Verdict[] {
  const told = afterFaults(results);
  return told === null ? [] : [verdict('after faults', told.state, told.why)];
}

/** CRIU takes a full dump, and says so in its log only, where it finds no image of a pre-dump. */
function preDumped({ scenario, results }: CheckInput): Verdict {
  const check = 'pre-dumps';
  const completed = results.filter(({ outcome }) => outcome.state === 'completed');
  if (completed.length === 0) return verdict(check, 'unknown', 'no migration completed');
  const without = completed.filter(({ preDumps }) => preDumps.length === 0);
  if (without.length > 0) {
    return verdict(check, 'fail', `${scenario.migration.strategy.kind} without any in ${numbered(without)}`);
  }
  const vain = completed.filter(
    ({ dumpStats }) => !isUnknown(dumpStats) && dumpStats.pages_skipped_parent === 0,
  );
  if (vain.length > 0) return verdict(check, 'fail', `the dump left no page to them in ${numbered(vain)}`);
  const least = Math.min(...completed.map(({ preDumps }) => preDumps.length));
  const most = Math.max(...completed.map(({ preDumps }) => preDumps.length));
  const told = `${least === most ? least : `${least} to ${most}`} in each of ${counted(completed.length, 'migration')}`;
  const untold = completed.filter(({ dumpStats }) => isUnknown(dumpStats));
  if (untold.length === 0) return verdict(check, 'pass', `${told}, and the dump left pages to them`);
  return verdict(
    check,
    'unknown',
    `${told}; whether the dump left pages to them is not known of ${numbered(untold)}`,
  );
}

function knownHosts({ scenario, servedBy }: CheckInput): Verdict {
  const check = 'known hosts';
  if (servedBy.length === 0) return verdict(check, 'unknown', 'no answer was received');
  const strangers = servedBy.filter(({ host }) => !scenario.migration.path.includes(host));
  const answers = servedBy.reduce((sum, stretch) => sum + stretch.answers, 0);
  if (strangers.length === 0)
    return verdict(check, 'pass', `${counted(answers, 'answer')}, all by a host of the path`);
  const theirs = strangers.reduce((sum, stretch) => sum + stretch.answers, 0);
  return verdict(
    check,
    'fail',
    `${count(theirs)} of ${counted(answers, 'answer')} by no host of the path, such as ${quote(strangers[0]?.host ?? '')}`,
  );
}

function noSplitBrain({ results, splitBrain }: CheckInput): Verdict {
  const check = 'no split brain';
  const bad = results.find(({ number }) => (splitBrain.get(number)?.answers ?? 0) > 0);
  if (bad !== undefined) {
    const { number, source, destination } = bad;
    const answers = splitBrain.get(number)?.answers ?? 0;
    return verdict(
      check,
      'fail',
      `in migration #${number}, ${source} to ${destination}, ${answers} answers came of a host after another had taken its place`,
    );
  }
  const unheard = results.filter(({ number }) => splitBrain.get(number)?.heard !== true);
  if (results.length === 0) return verdict(check, 'unknown', 'there was no migration');
  const told = `in ${counted(results.length - unheard.length, 'migration')} no host answered after another had taken its place`;
  if (unheard.length === 0) return verdict(check, 'pass', told);
  return verdict(check, 'unknown', `${told}; nothing was heard after ${numbered(unheard)}`);
}

/** By the word of runc on both hosts of each migration, whatever the client heard. */
export function oneContainer({ results }: Pick<CheckInput, 'results'>): Verdict {
  const check = 'one container';
  const twice = results.filter(({ running }) => running.filter((host) => host.running === true).length > 1);
  if (twice.length > 0) {
    return verdict(check, 'fail', `it ran on both hosts after ${numbered(twice)}, and was ended on one`);
  }
  if (results.length === 0) return verdict(check, 'unknown', 'there was no migration');
  const untold = results.filter(
    ({ running }) => running.length < 2 || running.some((host) => host.running === null),
  );
  const told = `never on two hosts, after ${counted(results.length - untold.length, 'migration')}`;
  if (untold.length === 0) return verdict(check, 'pass', told);
  return verdict(check, 'unknown', `${told}; a host did not answer after ${numbered(untold)}`);
}

/** Of the migrations that completed: processes, open files, mounts and mapped files, sockets left out. */
export function sameContainer({ results }: Pick<CheckInput, 'results'>): Verdict {
  const check = 'same container';
  const completed = results.filter(({ outcome }) => outcome.state === 'completed');
  if (completed.length === 0) return verdict(check, 'unknown', 'no migration completed');
  for (const { number, container } of completed) {
    if (container === null || isUnknown(container)) continue;
    const changes = [
      ...container.gone.map((line) => `gone: ${line}`),
      ...container.new.map((line) => `new: ${line}`),
    ];
    // A process that is gone explains all that it had.
    const first = changes.find((line) => /^\w+: process /.test(line)) ?? changes[0];
    if (first !== undefined) {
      const root = first.includes(': process ') ? null : rootMountChange(container);
      const [told, others] = root === null ? [first, changes.length - 1] : [root, changes.length - 2];
      const more = others > 0 ? `, and ${others} more` : '';
      return verdict(check, 'fail', `migration #${number}: ${told}${more}`);
    }
  }
  const untold = completed.filter(({ container }) => container === null || isUnknown(container));
  const told = `the same processes, open files, mounts and mapped files after ${counted(completed.length - untold.length, 'migration')}`;
  if (untold.length === 0) return verdict(check, 'pass', told);
  const [one] = untold as [MigrationResult];
  const why = one.container !== null && isUnknown(one.container) ? one.container.unknown : 'not asked';
  return verdict(check, 'unknown', `${told}; not known of ${numbered(untold)}: ${why}`);
}

const NO_COUNT = 'no answer told a count (`count N since T` in its second line)';

function noLostState({ memory, results, splitBrain }: CheckInput): Verdict {
  const check = 'no lost state';
  if (memory === null) return verdict(check, 'unknown', NO_COUNT);
  const { answers, lost, lostCounts } = memory;
  if (lost > 0) {
    return verdict(
      check,
      'fail',
      `${lost} of ${answers} answered requests are not contained in a later answer: ${counts(lostCounts)}`,
    );
  }
  const told = `each of ${answers} answered requests is contained in all later answers`;
  const unheard = results.filter(({ number }) => splitBrain.get(number)?.heard !== true);
  if (unheard.length === 0) return verdict(check, 'pass', told);
  return verdict(check, 'unknown', `${told}; nothing was heard after ${numbered(unheard)}`);
}

/** `counts 61 to 130, missed in migration #2; 140, missed in #3; and 4 more`. */
function counts(lost: readonly LostCounts[], atMost = 3): string {
  const shown = lost.slice(0, atMost).map(({ from, to, migration }) => {
    const range = from === to ? `${from}` : `${from} to ${to}`;
    return migration === null ? range : `${range}, missed in migration #${migration}`;
  });
  const more = lost.length > atMost ? [`and ${lost.length - atMost} more`] : [];
  return `counts ${[...shown, ...more].join('; ')}`;
}

/** As the memory of the server holds it: another one means that it was started and not restored. */
function startTime({ memory }: CheckInput): Verdict {
  const check = 'start time';
  const [first, second] = memory?.since ?? [];
  if (memory === null || first === undefined) return verdict(check, 'unknown', NO_COUNT);
  if (second === undefined)
    return verdict(check, 'pass', `the same in ${counted(memory.answers, 'answer')}: ${first.since}`);
  const where = second.migration === null ? '' : ` in migration #${second.migration}`;
  const times = memory.since.length === 2 ? 'once' : `${memory.since.length - 1} times`;
  const why = `${first.since} became ${second.since}${where}: started anew, ${times} in all`;
  return verdict(check, 'fail', why);
}

/** Acknowledged writes of which a reading of all data found nothing, or an older one of the same key. */
function noLostWrites({ memory, results }: CheckInput): Verdict {
  const check = 'no lost writes';
  const history = memory?.writes;
  if (history === undefined) {
    return verdict(check, 'unknown', 'no answer told of writes (`writes W lost L checked C on HOST`)');
  }
  const { acknowledged, checks, checked, lost } = history;
  const [first] = lost;
  if (first !== undefined) {
    const where = first.migration === null ? 'before any migration' : `in migration #${first.migration}`;
    const more = lost.length > 1 ? `; ${lost.length - 1} more ${lost.length === 2 ? 'time' : 'times'}` : '';
    return verdict(
      check,
      'fail',
      `${first.writes} of ${acknowledged} acknowledged writes are missing on ${first.on} ${where}${more}`,
    );
  }
  const completed = results.filter(({ outcome }) => outcome.state === 'completed');
  if (completed.length === 0) return verdict(check, 'unknown', 'no migration completed');
  const told = `${acknowledged === 1 ? '1 write was' : `${count(acknowledged)} writes were`} acknowledged, and ${counted(checks, 'reading')} of all data missed none`;
  const untold = completed.filter(({ number }) => !checked.includes(number));
  if (untold.length === 0) return verdict(check, 'pass', told);
  return verdict(check, 'unknown', `${told}; none was heard of after ${numbered(untold)}`);
}

function sameBytes({ bodies: { answers, unknown, differing, first } }: CheckInput): Verdict {
  const check = 'same bytes';
  if (first !== null) {
    const got = `${first.bytes} bytes with CRC-32 ${hex(first.checksum)}`;
    const served = `${first.of.bytes} with ${hex(first.of.checksum)}`;
    const one = `request ${first.n} got ${got} where ${first.host} serves ${served}`;
    return verdict(
      check,
      'fail',
      `${count(differing)} of ${counted(answers, 'answer')} ${differing === 1 ? 'differs' : 'differ'} from what their host serves: ${one}`,
    );
  }
  if (answers === 0) return verdict(check, 'unknown', 'of no answer the bytes are known');
  const told = `${counted(answers, 'answer')}, all with the bytes that their host serves`;
  if (unknown === 0) return verdict(check, 'pass', told);
  return verdict(check, 'unknown', `${told}; of ${unknown} the bytes are not known`);
}

function hex(checksum: number): string {
  return checksum.toString(16).padStart(8, '0');
}

function hostOrder({ servedBy, expected, results }: CheckInput): Verdict {
  const check = 'host order';
  if (servedBy.length === 0) return verdict(check, 'unknown', 'no answer was received');
  let heard = 0;
  for (const host of expected) if (servedBy[heard]?.host === host) heard++;
  const stranger = servedBy[heard];
  if (stranger !== undefined) {
    return verdict(
      check,
      'fail',
      `stretch ${heard + 1} of answers, by ${quote(stranger.host)}, is not in their order`,
    );
  }
  const told = `${counted(heard, 'stretch', 'stretches')} of answers, in the order of the migrations`;
  if (heard === expected.length) return verdict(check, 'pass', told);
  const missing = `${told}, but ${counted(expected.length - heard, 'host')} that must have served did not answer`;
  // Asked in vain, or not asked?
  const vain = results.filter(
    (r) => r.outcome.state === 'completed' && isUnknown(r.downtime) && lostOf(r) > 0,
  );
  return vain.length === 0
    ? verdict(check, 'unknown', missing)
    : verdict(check, 'fail', `${missing}; asked in vain after ${numbered(vain)}`);
}

export function lostOf({ lost }: MigrationResult): number {
  return Object.values(lost).reduce((sum, count) => sum + count, 0);
}

/** Over the whole run: before the first migration and during the warm-up too. */
function lostRequests({ probe }: CheckInput, atMost: number): Verdict {
  const check = 'lost requests';
  if (probe.samples === 0) return verdict(check, 'unknown', 'there was no request');
  const lost = Object.values(probe.failed).reduce((sum, count) => sum + count, probe.dropped);
  return verdict(
    check,
    lost <= atMost ? 'pass' : 'fail',
    `${lost} of ${probe.samples} lost, at most ${atMost} may be`,
  );
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

function quote(host: string): string {
  return JSON.stringify(host.slice(0, 40));
}
