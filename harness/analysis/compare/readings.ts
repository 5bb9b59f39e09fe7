/** The values of one measurement in several runs, each with how long CRIU took to freeze its tasks. */
import type { Distribution, MigrationResult, RunRecord } from '../../model.ts';
import { isUnknown } from '../intervals.ts';

export interface Reading {
  value: number;
  /** CRIU's freezing_time of the same migration in ms; null where it is not known. */
  freezingMs: number | null;
}

export interface Readings {
  known: Reading[];
  unknown: { why: string }[];
  unit: Distribution['unit'] | null;
}

/** Warm-ups are in no distribution. */
export function readingsOf(runs: readonly RunRecord[], measurement: string): Readings {
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
