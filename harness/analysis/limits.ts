/** Limits of durations, against what was measured: a bound that is not known never passes. */
import { counted } from '../counted.ts';
import type { Limit, MigrationResult, Verdict, VerdictState } from '../model.ts';
import { isUnknown } from './intervals.ts';
import { numbered } from './numbered.ts';
import { quantile } from './statistics.ts';

const PORTION = { median: 0.5, p95: 0.95, max: 1 } as const;

/** What a limit is held against: the bounds in each measured migration, and those of which they are not known. */
export interface Bounds {
  least: number[];
  most: number[];
  unknown: { number: number }[];
}

export function noBounds(): Bounds {
  return { least: [], most: [], unknown: [] };
}

export function noteBounds({ least, most, unknown }: Bounds, limit: Limit, result: MigrationResult): void {
  const bounds = boundsOf(limit, result);
  if (bounds === null) unknown.push({ number: result.number });
  else {
    least.push(bounds[0]);
    most.push(bounds[1]);
  }
}

export function boundsIn(limit: Limit, results: readonly MigrationResult[]): Bounds {
  const bounds = noBounds();
  for (const result of results) if (!result.warmUp) noteBounds(bounds, limit, result);
  return bounds;
}

export function judgeLimit(limit: Limit, { least, most, unknown }: Bounds): Verdict {
  const check = `${limit.statistic} ${limit.measurement}`;
  const verdict = (state: VerdictState, why: string): Verdict => ({ check, state, why });
  if (least.length === 0) return verdict('unknown', 'it is not known of any migration');
  const statistic = (values: number[]): number => quantile(values, PORTION[limit.statistic]) as number;
  const low = statistic(least);
  const high = statistic(most);
  const figure = low === high ? ms(low) : `${ms(low)} to ${ms(high)}`;
  const told = `${figure} over ${counted(least.length, 'migration')}, limit ${ms(limit.atMostMs)}`;
  if (unknown.length > 0) {
    // It fails only if it would even with the best figures where they are missing; it cannot pass.
    const best = statistic([...least, ...unknown.map(() => 0)]);
    const state = best > limit.atMostMs ? 'fail' : 'unknown';
    return verdict(state, `${told}; not known of ${numbered(unknown)}`);
  }
  if (high <= limit.atMostMs) return verdict('pass', told);
  return verdict(low > limit.atMostMs ? 'fail' : 'unknown', told);
}

/** The bounds of a measurement in one migration: a limit holds for sure only if the upper one is below it. */
function boundsOf(limit: Limit, result: MigrationResult): [number, number] | null {
  switch (limit.measurement) {
    case 'downtime':
      return isUnknown(result.downtime)
        ? null
        : // The source may have served until the request after its last answer, the destination since the one before its first.
          [
            Math.max(0, result.downtime.ms - 2 * result.downtime.resolutionMs),
            Math.max(result.downtime.ms, result.downtime.bracketMs),
          ];
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

function ms(value: number): string {
  return `${value >= 100 ? value.toFixed(0) : value.toFixed(1)} ms`;
}
