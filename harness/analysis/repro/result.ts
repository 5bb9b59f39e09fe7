/** Whether a run fails again as it did, how often, and on what other ground. */
import type { MigrationResult, RunRecord } from '../../model.ts';
import { migrationSymptom, symptomsOf, tells } from './symptoms.ts';

/** `other`: it failed, but in no way that it did before. `unknown`: it could not begin, or was cut short. */
export type ReproState = 'reproduced' | 'other' | 'passed' | 'unknown';

/** One run again. */
export interface Again {
  state: ReproState;
  symptoms: string[];
  /** Null where there is no run directory. */
  run: string | null;
  /** Why there is none. */
  error: string | null;
  /** Migrations that were made, and those of them that failed as it did before. */
  migrations: number;
  failed: number;
}

export interface Rate {
  of: number;
  failed: number;
  /** Wilson's 95 % interval of the share; null without any. */
  share: [number, number] | null;
}

export interface ReproResult {
  /** The run that is looked at, and how it failed. */
  run: string;
  symptoms: string[];
  /** How often it was asked for; fewer runs where one was enough. */
  wanted: number;
  stoppedAtFirst: boolean;
  again: Again[];
  /** Reproduced by one of them is reproduced. */
  state: ReproState;
  runs: Rate;
  migrations: Rate;
  /** What is not as it was: kernel, versions, processor. */
  differences: string[];
}

/** A run that passed is reproduced by one that passes. */
export function judge(symptoms: readonly string[], record: RunRecord): ReproState {
  const now = symptomsOf(record);
  if (now.some((one) => symptoms.includes(one))) return 'reproduced';
  if (now.length > 0) return 'other';
  if (!tells(record)) return 'unknown';
  return symptoms.length === 0 ? 'reproduced' : 'passed';
}

/** `run`: its directory, as it is to be told. */
export function againOf(symptoms: readonly string[], record: RunRecord, run: string): Again {
  const asBefore = (one: MigrationResult): boolean => {
    const symptom = migrationSymptom(one);
    return symptom !== null && (symptoms.length === 0 || symptoms.includes(symptom));
  };
  const { migrations } = record;
  return {
    state: judge(symptoms, record),
    symptoms: symptomsOf(record),
    run,
    error: null,
    migrations: migrations.length,
    failed: migrations.filter(asBefore).length,
  };
}

export function reproResult(
  before: Pick<ReproResult, 'run' | 'symptoms' | 'wanted' | 'stoppedAtFirst'>,
  again: Again[],
  differences: string[],
): ReproResult {
  const states = again.map(({ state }) => state);
  const order: ReproState[] = ['reproduced', 'other', 'passed', 'unknown'];
  const told = again.filter(({ state }) => state !== 'unknown');
  const sum = (of: (one: Again) => number): number => told.reduce((total, one) => total + of(one), 0);
  const passing = before.symptoms.length === 0;
  return {
    ...before,
    again,
    state: order.find((state) => states.includes(state)) ?? 'unknown',
    runs: rateOf(
      told.length,
      told.filter(({ state }) => (passing ? state === 'other' : state === 'reproduced')).length,
    ),
    migrations: rateOf(
      sum(({ migrations }) => migrations),
      sum(({ failed }) => failed),
    ),
    differences,
  };
}

/** The quantile of the normal distribution at 0.975. */
const z = 1.959964;

/** With Wilson's 95 % interval (Wilson, Probable inference, 1927). */
export function rateOf(of: number, failed: number): Rate {
  if (of === 0) return { of, failed, share: null };
  const p = failed / of;
  const centre = (p + z ** 2 / (2 * of)) / (1 + z ** 2 / of);
  const half = (z / (1 + z ** 2 / of)) * Math.sqrt((p * (1 - p)) / of + z ** 2 / (4 * of ** 2));
  return { of, failed, share: [Math.max(0, centre - half), Math.min(1, centre + half)] };
}

/** What of two runs' hosts is not the same, host by host. */
export function differencesOf(before: RunRecord, now: RunRecord): string[] {
  return before.head.hosts.flatMap((old) => {
    const host = now.head.hosts.find(({ name }) => name === old.name);
    if (host === undefined) return [`${old.name}: not there`];
    const was = described(old);
    const is = described(host);
    return Object.keys(was).flatMap((key) =>
      was[key] === is[key] ? [] : [`${old.name}: ${key} was ${was[key]}, is ${is[key]}`],
    );
  });
}

function described(host: RunRecord['head']['hosts'][number]): Record<string, string> {
  const { kernel, cpu, architecture, distribution, cgroup, toolchain, missingCapabilities } = host;
  return {
    kernel,
    processor: cpu,
    architecture,
    distribution,
    cgroup,
    [toolchain.runtime.name]: toolchain.runtime.version,
    CRIU: toolchain.criu,
    'toolchain content': toolchain.digest ?? 'unknown',
    'missing capabilities': missingCapabilities.join(' ') || 'none',
  };
}
