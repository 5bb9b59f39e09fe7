/** Failed migrations of the base against those of the candidate: they have few values, and here they count. */
import type { RunRecord } from '../../model.ts';
import type { Failures } from './comparison.ts';
import type { Decision, Evidence } from './decide.ts';
import { fisherExact } from './fisher.ts';
import type { Runs } from './pairs.ts';
import { smallestP } from './rank-test.ts';

/** What was found, and the evidence that decides when all comparisons are known. */
export interface FailuresFound {
  found: Omit<Failures, keyof Decision>;
  evidence: Evidence;
}

export function compareFailures(runs: Runs): FailuresFound {
  const [base, candidate] = [countOf(runs.base), countOf(runs.candidate)];
  const both = base.migrations > 0 && candidate.migrations > 0;
  const share = ({ failed, migrations }: Count) => failed / migrations;
  const change = both && base.failed > 0 ? round(share(candidate) / share(base) - 1) : null;
  return {
    found: { base, candidate, change },
    evidence: {
      p: both ? fisherExact(tableRow(base), tableRow(candidate)) : null,
      canDiffer: base.failed + candidate.failed > 0,
      attainableP: smallestP(base.migrations, candidate.migrations),
      fewest: Math.min(base.migrations, candidate.migrations),
      change: change ?? (candidate.failed > 0 ? Number.POSITIVE_INFINITY : 0),
      changeByRuns: null,
      because: [nothingOf('base', runs.base, base), nothingOf('candidate', runs.candidate, candidate)]
        .filter((why) => why !== null)
        .join('; '),
    },
  };
}

type Count = Failures['base'];

function countOf(records: readonly RunRecord[]): Count {
  const measured = records.flatMap(({ migrations }) => migrations).filter(({ warmUp }) => !warmUp);
  const failed = measured.filter(({ outcome }) => outcome.state === 'failed').length;
  return { failed, migrations: measured.length };
}

function tableRow({ failed, migrations }: Count): { count: number; total: number } {
  return { count: failed, total: migrations };
}

function nothingOf(side: string, runs: readonly RunRecord[], { migrations }: Count): string | null {
  if (runs.length === 0) return `the ${side} has no run of this scenario`;
  return migrations === 0 ? `the ${side} measured no migration` : null;
}

function round(fraction: number): number {
  return Number(fraction.toFixed(6));
}
