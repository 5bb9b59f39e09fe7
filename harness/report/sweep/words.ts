/** How a sweep's compatibility is told, in whatever format. */
import type { Compatibility, Pair } from '../../analysis/sweep/compatibility.ts';
import type { VerdictState } from '../../model.ts';
import { MARKS } from '../style.ts';

export const PAIR_LOOKS: Record<Pair['state'], [look: VerdictState, mark: string]> = {
  works: ['pass', MARKS.pass],
  fails: ['fail', MARKS.fail],
  unknown: ['unknown', MARKS.unknown],
};

/** Of one pair. */
export const REASONS_AT_MOST = 3;

export function reasonsOf({ why, checks }: Pair): string[] {
  return [...why, ...checks.map((check) => `a check failed all the same: ${check}`)];
}

/** Undefined where the sweep does not ask for it. */
export function pairOf({ pairs }: Compatibility, source: string, destination: string): Pair | undefined {
  return pairs.find((one) => one.source === source && one.destination === destination);
}

/** `works 2/2`: with the migrations that completed, of all that there were. */
export function pairText(pair: Pair | undefined): string {
  if (pair === undefined) return `${MARKS.unknown} not asked for`;
  const { state, migrations, failed } = pair;
  const number = migrations === 0 ? '' : ` ${migrations - failed}/${migrations}`;
  return `${PAIR_LOOKS[state][1]} ${state}${number}`;
}
