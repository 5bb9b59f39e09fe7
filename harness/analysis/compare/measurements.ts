/** One measurement of the base against the candidate. */
import type { Distribution, MigrationResult, RunRecord } from '../../model.ts';
import { isUnknown } from '../intervals.ts';
import { medianCi95, quantile } from '../statistics.ts';
import type { Change, Group, MeasurementComparison } from './comparison.ts';
import type { Decision, Evidence } from './decide.ts';
import { fisherExact } from './fisher.ts';
import type { Runs } from './pairs.ts';
import { rankTest } from './rank-test.ts';
import type { Stratum } from './ranks.ts';
import { shiftOf } from './shift.ts';

/** What was found, and the evidence that decides when all comparisons are known. */
export interface Measured {
  found: Omit<MeasurementComparison, keyof Decision>;
  evidence: Evidence;
}

export function compareMeasurement(measurement: string, runs: Runs, seed: number): Measured {
  const base = readingsOf(runs.base, measurement);
  const candidate = readingsOf(runs.candidate, measurement);
  const strata = FREEZE_INSIDE.has(measurement)
    ? byFreezing(base.known, candidate.known)
    : [{ base: base.known.map(plain), candidate: candidate.known.map(plain) }];
  const test = rankTest(strata);
  const change = changeOf(strata);
  return {
    found: {
      measurement,
      unit: base.unit ?? candidate.unit ?? 'ms',
      base: groupOf(base, seed),
      candidate: groupOf(candidate, seed),
      strata: strata.length,
      u: test?.u ?? null,
      change,
    },
    evidence: {
      p: test?.p ?? null,
      canDiffer: !allSame([...base.known, ...candidate.known]),
      attainableP: test?.attainableP ?? 1,
      fewest: Math.min(base.known.length, candidate.known.length),
      change: change?.estimate ?? Number.POSITIVE_INFINITY,
      because: noValues(base, candidate),
    },
  };
}

/** Measurements of which the freezing is a part. */
const FREEZE_INSIDE: ReadonlySet<string> = new Set([
  'frozen-window',
  'downtime',
  'lost',
  'longest-latency',
  'criu-dump',
]);

interface Reading {
  value: number;
  /** CRIU's freezing_time of the same migration in ms; null where it is not known. */
  freezingMs: number | null;
}

interface Readings {
  known: Reading[];
  unknown: { why: string }[];
  unit: Distribution['unit'] | null;
}

function allSame(readings: readonly Reading[]): boolean {
  return readings.every(({ value }) => value === readings[0]?.value);
}

const plain = ({ value }: Reading): number => value;

function readingsOf(runs: readonly RunRecord[], measurement: string): Readings {
  const all: Readings = { known: [], unknown: [], unit: null };
  for (const { migrations, distributions } of runs) {
    const distribution = distributions.find((one) => one.measurement === measurement);
    if (distribution === undefined) continue;
    const without = new Set(distribution.unknown.map(({ number }) => number));
    const having = migrations.filter(({ warmUp, number }) => !warmUp && !without.has(number));
    for (const [index, value] of distribution.values.entries()) {
      all.known.push({ value, freezingMs: freezingOf(having[index]) });
    }
    all.unknown = all.unknown.concat(distribution.unknown);
    all.unit = distribution.unit;
  }
  return all;
}

function freezingOf(migration: MigrationResult | undefined): number | null {
  if (migration === undefined || isUnknown(migration.dumpStats)) return null;
  return migration.dumpStats.freezing_time / 1_000;
}

/** CRIU looks every 100 ms whether all tasks are frozen (criu/seize.c): it takes a few ms, or 100 ms more. */
const SLOW_FREEZING_MS = 50;
/** Below this p the candidate freezes slowly more, or less, often: then that is part of the difference. */
const SAME_MIX = 0.05;

/**
 * Quick and slow freezings each with their like, so that the chance of a poll does not hide a difference. Where
 * the candidate freezes slowly more or less often than the base, all are compared with all.
 */
function byFreezing(base: readonly Reading[], candidate: readonly Reading[]): Stratum[] {
  const [slowBase, slowCandidate] = [base.filter(isSlow), candidate.filter(isSlow)];
  const known = [...base, ...candidate].every(({ freezingMs }) => freezingMs !== null);
  const p = fisherExact(
    { count: slowBase.length, total: base.length },
    { count: slowCandidate.length, total: candidate.length },
  );
  const stratum = (b: readonly Reading[], c: readonly Reading[]): Stratum => ({
    base: b.map(plain),
    candidate: c.map(plain),
  });
  const mixed = slowBase.length > 0 && slowCandidate.length > 0;
  if (!known || !mixed || p < SAME_MIX) return [stratum(base, candidate)];
  const quick = (readings: readonly Reading[]): Reading[] => readings.filter((one) => !isSlow(one));
  return [stratum(quick(base), quick(candidate)), stratum(slowBase, slowCandidate)].filter(
    (one) => one.base.length + one.candidate.length > 0,
  );
}

function isSlow({ freezingMs }: Reading): boolean {
  return freezingMs !== null && freezingMs >= SLOW_FREEZING_MS;
}

function groupOf({ known, unknown }: Readings, seed: number): Group {
  const values = known.map(plain);
  return {
    values: values.length,
    unknown: unknown.length,
    median: quantile(values, 0.5),
    medianCi95: medianCi95(values, seed),
  };
}

/** Null where the base has nothing of it and the candidate may have: no ratio says how much more that is. */
function changeOf(strata: readonly Stratum[]): Change | null {
  const positive = strata.every(({ base, candidate }) => [...base, ...candidate].every((value) => value > 0));
  return positive ? changeOfPairs(strata) : changeOfMeans(strata);
}

/** On a logarithmic scale a shift is a ratio. */
function changeOfPairs(strata: readonly Stratum[]): Change | null {
  const logs = strata.map(({ base, candidate }) => ({
    base: base.map(Math.log),
    candidate: candidate.map(Math.log),
  }));
  const shift = shiftOf(logs);
  if (shift === null) return null;
  const fraction = (log: number | null): number | null => (log === null ? null : rounded(Math.expm1(log)));
  return {
    of: 'pairs',
    estimate: rounded(Math.expm1(shift.estimate)),
    low: fraction(shift.low),
    high: fraction(shift.high),
  };
}

/** With Welch's interval of the difference, over the mean of the base. */
function changeOfMeans(strata: readonly Stratum[]): Change | null {
  const base = momentsOf(strata.flatMap((stratum) => stratum.base));
  const candidate = momentsOf(strata.flatMap((stratum) => stratum.candidate));
  if (!(base.mean > 0) || Number.isNaN(candidate.mean)) {
    return base.mean === 0 && candidate.mean === 0 ? { of: 'means', estimate: 0, low: 0, high: 0 } : null;
  }
  const by = candidate.mean - base.mean;
  const half = 1.959964 * Math.sqrt(base.errorSquared + candidate.errorSquared);
  const over = (value: number): number | null => (Number.isFinite(value) ? rounded(value / base.mean) : null);
  return { of: 'means', estimate: rounded(by / base.mean), low: over(by - half), high: over(by + half) };
}

/** To a ten-thousandth of a percent. */
function rounded(fraction: number): number {
  return Number(fraction.toFixed(6));
}

/** The mean, and the square of its standard error; NaN where there are too few values. */
function momentsOf(values: readonly number[]): { mean: number; errorSquared: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, errorSquared: squares / (values.length - 1) / values.length };
}

function noValues(base: Readings, candidate: Readings): string {
  const sides = Object.entries({ base, candidate }).filter(([, { known }]) => known.length === 0);
  return sides
    .map(
      ([name, { unknown }]) => `not known of the ${name}: ${unknown[0]?.why ?? 'no migration measured it'}`,
    )
    .join('; ');
}
