/** Comparisons of recorded migrations with others that were made slower, and one that flags everything. */
import { type CompareOptions, compare } from '../../../harness/analysis/compare/compare.ts';
import type { Comparison } from '../../../harness/analysis/compare/comparison.ts';
import type { Runs } from '../../../harness/analysis/compare/pairs.ts';
import { mulberry32 } from '../../../harness/analysis/statistics.ts';
import type { RunRecord } from '../../../harness/model.ts';
import type { Compared } from '../../../harness/report/html/comparison/page.ts';
import { type Drawn, draw, recordOf } from '../../analysis/compare/fixture.ts';

export const OPTIONS: CompareOptions = {
  alpha: 0.05,
  threshold: 0.05,
  seed: 1,
  measurements: null,
  allowDifferences: false,
};

/** 30 migrations on each side, the candidate's with what is given. */
export function comparisonOf(
  candidate: Partial<Drawn> = {},
  options: Partial<CompareOptions> = {},
): Comparison {
  return comparedOf(candidate, options).comparison;
}

/** The same with its runs. */
export function comparedOf(candidate: Partial<Drawn> = {}, options: Partial<CompareOptions> = {}): Compared {
  const random = mulberry32(11);
  const base = [recordOf({ id: '2026-01-31T12-00-00Z', picks: draw(30, random) })];
  const other = [recordOf({ id: '2026-02-01T12-00-00Z', picks: draw(30, random), ...candidate })];
  return compared({ base, candidate: other }, { ...OPTIONS, ...options });
}

function compared(runs: Runs, options: CompareOptions): Compared {
  return { ...runs, comparison: compare(runs, options), thaw: '0.1.0' };
}

/** Two runs on each side, and a machine that was busier during one of them. */
export function busierComparison(): Comparison {
  const run = (id: string, slowdown: number) =>
    recordOf({ id, picks: draw(60, mulberry32(id.length)), slowdown });
  const base = [run('a', 1), run('bb', 1.02)];
  return compare({ base, candidate: [run('ccc', 1.05), run('dddd', 1.5)] }, OPTIONS);
}

/** Names as a hostile scenario would have them, an environment that differs, and a scenario without a counterpart. */
export function flaggedComparison(evil: (text: string) => string): Comparison {
  return flaggedCompared(evil).comparison;
}

export function flaggedCompared(evil: (text: string) => string): Compared {
  const random = mulberry32(12);
  const base = recordOf({ id: evil('a'), picks: draw(3, random) });
  const candidate = recordOf({ id: evil('b'), picks: draw(3, random), failures: 1 });
  const other = named(recordOf({ id: 'c', picks: draw(3, random) }), evil('other'));
  return compared(
    {
      base: [named(base, evil('<httpd>'))],
      candidate: [onKernel(named(candidate, evil('<httpd>')), evil('6.2')), other],
    },
    { ...OPTIONS, allowDifferences: true },
  );
}

function named(record: RunRecord, name: string): RunRecord {
  return { ...record, head: { ...record.head, scenario: { ...record.head.scenario, name } } };
}

function onKernel(record: RunRecord, kernel: string): RunRecord {
  const hosts = record.head.hosts.map((host) => ({ ...host, kernel }));
  return { ...record, head: { ...record.head, hosts } };
}
