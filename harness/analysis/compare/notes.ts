/** What makes a comparison weaker than it looks. */
import type { RunRecord } from '../../model.ts';
import type { Runs } from './pairs.ts';

/** `names`: the measurements that were compared; `threshold`: the least relative change that counts. */
export function notesOf(
  runs: Runs,
  { names, threshold }: { names: readonly string[]; threshold: number },
): string[] {
  const all = [...runs.base, ...runs.candidate];
  const once = runs.base.length === 1 && runs.candidate.length === 1;
  return [
    ...all.filter(({ outcome }) => outcome !== 'completed').map(ending),
    ...(once ? [DRIFT] : []),
    ...(['base', 'candidate'] as const).flatMap((side) => apart(side, runs[side], names, threshold)),
  ];
}

const DRIFT =
  'one run on each side: a machine that became busier between them looks like a difference; run both in turns';

function ending({ head, outcome, migrations }: RunRecord): string {
  const done = migrations.filter(({ warmUp }) => !warmUp).length;
  return `${head.id}: ${outcome} after ${done} of ${head.scenario.migration.count} migrations`;
}

/** Runs of the same toolchain should agree; where they do not, something else changed between them. */
function apart(
  side: string,
  runs: readonly RunRecord[],
  names: readonly string[],
  threshold: number,
): string[] {
  const spreads = names.map((name) => ({ name, spread: spreadOf(mediansOf(runs, name)) }));
  const worst = spreads.reduce((a, b) => (b.spread > a.spread ? b : a), { name: '', spread: 0 });
  if (worst.spread <= threshold) return [];
  const by = `${(worst.spread * 100).toFixed(0)} %`;
  return [
    `runs of the ${side} alone lie up to ${by} apart (${worst.name}): a difference of that size may be the machine's`,
  ];
}

function mediansOf(runs: readonly RunRecord[], name: string): number[] {
  const medians = runs.map(
    ({ distributions }) => distributions.find(({ measurement }) => measurement === name)?.median ?? null,
  );
  return medians.filter((median) => median !== null && median > 0) as number[];
}

/** By how much the largest is larger than the smallest; 0 of fewer than two. */
function spreadOf(values: readonly number[]): number {
  return values.length < 2 ? 0 : Math.max(...values) / Math.min(...values) - 1;
}
