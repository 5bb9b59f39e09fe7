/** One measurement of the base against the candidate. */
import type { RunRecord } from '../../model.ts';
import { medianCi95, quantile } from '../statistics.ts';
import { changeByRuns } from './between-runs.ts';
import { changeOf } from './change.ts';
import type { Change, Group, MeasurementComparison } from './comparison.ts';
import type { Decision, Evidence } from './decide.ts';
import type { Runs } from './pairs.ts';
import { type RankTest, rankTest } from './rank-test.ts';
import { type Reading, type Readings, readingsOf } from './readings.ts';
import { strataOf } from './strata.ts';

/** What was found, and the evidence that decides when all comparisons are known. */
export interface Measured {
  found: Omit<MeasurementComparison, keyof Decision>;
  evidence: Evidence;
}

export function compareMeasurement(measurement: string, runs: Runs, seed: number): Measured {
  const contrast = contrastOf(measurement, runs);
  const { base, candidate, strata, test, change, byRuns } = contrast;
  return {
    found: {
      measurement,
      unit: base.unit ?? candidate.unit ?? 'ms',
      base: groupOf(base, seed),
      candidate: groupOf(candidate, seed),
      strata,
      u: test?.u ?? null,
      change,
      changeByRuns: byRuns,
    },
    evidence: evidenceOf(contrast),
  };
}

/** What two sides say, without the intervals of their medians, which decide nothing and take most of the time. */
export interface Contrast {
  base: Readings;
  candidate: Readings;
  strata: number;
  test: RankTest | null;
  change: Change | null;
  /** The change that the difference between runs of one side explains; null where there are too few runs. */
  byRuns: number | null;
}

export function contrastOf(measurement: string, runs: Runs): Contrast {
  const base = readingsOf(runs.base, measurement);
  const candidate = readingsOf(runs.candidate, measurement);
  const strata = strataOf(measurement, base.known, candidate.known);
  const each = (records: readonly RunRecord[]): Reading[][] =>
    records.map((record) => readingsOf([record], measurement).known).filter(({ length }) => length > 0);
  return {
    base,
    candidate,
    strata: strata.length,
    test: rankTest(strata),
    change: changeOf(strata),
    byRuns: changeByRuns(measurement, { base: each(runs.base), candidate: each(runs.candidate) }),
  };
}

export function evidenceOf({ base, candidate, test, change, byRuns }: Contrast): Evidence {
  return {
    p: test?.p ?? null,
    canDiffer: new Set([...base.known, ...candidate.known].map(({ value }) => value)).size > 1,
    attainableP: test?.attainableP ?? 1,
    fewest: Math.min(base.known.length, candidate.known.length),
    change: change?.estimate ?? Number.POSITIVE_INFINITY,
    changeByRuns: byRuns,
    because: noValues(base, candidate),
  };
}

function groupOf({ known, unknown }: Readings, seed: number): Group {
  const values = known.map(({ value }) => value);
  return {
    values: values.length,
    unknown: unknown.length,
    median: quantile(values, 0.5),
    medianCi95: medianCi95(values, seed),
  };
}

function noValues(base: Readings, candidate: Readings): string {
  const sides = Object.entries({ base, candidate }).filter(([, { known }]) => known.length === 0);
  return sides
    .map(
      ([name, { unknown }]) => `not known of the ${name}: ${unknown[0]?.why ?? 'no migration measured it'}`,
    )
    .join('; ');
}
