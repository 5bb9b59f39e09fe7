/**
 * How far apart runs of the same side lie. A machine that is busier during one run makes all of its migrations slower
 * together, which a test of single migrations takes for a difference: only runs can be weighed against runs.
 */
import { changeOf } from './change.ts';
import type { Reading } from './readings.ts';
import { strataOf } from './strata.ts';

/** Of each side, of each run, the values of one measurement. */
export interface ByRun {
  base: readonly (readonly Reading[])[];
  candidate: readonly (readonly Reading[])[];
}

/**
 * The change that two sides without a difference would stay below in 95 of 100 comparisons (Student's t of the runs,
 * on a logarithmic scale): 0.05 is 5 %. Null where no side has two runs, or values that are 0 leave it unknown.
 */
export function changeByRuns(measurement: string, { base, candidate }: ByRun): number | null {
  const freedom = base.length + candidate.length - 2;
  if (base.length === 0 || candidate.length === 0 || freedom < 1) return null;
  const all = [...base, ...candidate].flat();
  const place = (run: readonly Reading[]): number => {
    const change = changeOf(strataOf(measurement, all, run));
    return change === null ? Number.NaN : Math.log1p(change.estimate);
  };
  const squares = squaresOf(base.map(place)) + squaresOf(candidate.map(place));
  const error = Math.sqrt((squares / freedom) * (1 / base.length + 1 / candidate.length));
  return Number.isFinite(error) ? Number(Math.expm1(t95(freedom) * error).toFixed(6)) : null;
}

function squaresOf(places: readonly number[]): number {
  const mean = places.reduce((sum, place) => sum + place, 0) / places.length;
  return places.reduce((sum, place) => sum + (place - mean) ** 2, 0);
}

/** Student's t that 2.5 % exceed, for 1, 2, 3 … degrees of freedom. */
const T_95 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];

/** Beyond the table by the first terms of its expansion around the normal distribution (to 0.001). */
function t95(freedom: number): number {
  return T_95[freedom - 1] ?? 1.96 + 2.372 / freedom + 2.823 / freedom ** 2;
}
