/** Runs of a candidate against runs of a base: scenario by scenario, measurement by measurement. Pure. */
import { UsageError } from '../../errors.ts';
import type { RunRecord } from '../../model.ts';
import { chooseMeasurements } from './choose.ts';
import type { Cell, Comparison, Difference, Side } from './comparison.ts';
import { type Decision, decide, type Limits, worstOf } from './decide.ts';
import { differences, toolchainsOf } from './environment.ts';
import { compareFailures, type FailuresFound } from './failures.ts';
import { compareMeasurement, type Measured } from './measurements.ts';
import { notesOf } from './notes.ts';
import { pairUp, type Runs } from './pairs.ts';

export interface CompareOptions extends Limits {
  /** Of the bootstrap. */
  seed: number;
  /** Names of measurements, or `all`; null: those of HEADLINE. */
  measurements: readonly string[] | null;
  /** Compare and flag what differs, instead of refusing it. */
  allowDifferences: boolean;
}

/** UsageError where environments differ and that is not allowed, where a run is given twice, or a name is unknown. */
export function compare(runs: Runs, options: CompareOptions): Comparison {
  refuseTwice([...runs.base, ...runs.candidate]);
  const names = chooseMeasurements(runs, options.measurements);
  const drafts = pairUp(runs).map(({ scenario, ...pair }) => draftOf(scenario, pair, names, options));
  if (!options.allowDifferences) refuseDifferences(drafts);
  const evidence = drafts.flatMap(({ failures, measured }) =>
    [failures, ...measured].map((one) => one.evidence),
  );
  const { comparisons, decisions } = decide(evidence, options);
  const cells = drafts.map((draft) => cellOf(draft, decisions.splice(0, draft.measured.length + 1)));
  return {
    schema: 1,
    alpha: options.alpha,
    threshold: options.threshold,
    seed: options.seed,
    comparisons,
    cells,
    verdict: worstOf(cells.map(({ verdict }) => verdict)),
  };
}

/** One scenario with everything but the verdicts, which depend on all the others. */
interface Draft {
  scenario: string;
  runs: Runs;
  differences: Difference[];
  notes: string[];
  failures: FailuresFound;
  measured: Measured[];
}

function draftOf(scenario: string, runs: Runs, names: readonly string[], { seed }: CompareOptions): Draft {
  const both = runs.base.length > 0 && runs.candidate.length > 0;
  return {
    scenario,
    runs,
    differences: both ? differences(runs.base, runs.candidate) : [],
    notes: notesOf(runs),
    failures: compareFailures(runs),
    measured: both ? names.map((name, index) => compareMeasurement(name, runs, seed + index)) : [],
  };
}

function cellOf(
  { scenario, runs, differences, notes, failures, measured }: Draft,
  decisions: Decision[],
): Cell {
  const [ofFailures, ...others] = decisions as [Decision, ...Decision[]];
  return {
    scenario,
    base: sideOf(runs.base),
    candidate: sideOf(runs.candidate),
    differences,
    notes,
    failures: { ...failures.found, ...ofFailures },
    measurements: measured.map(({ found }, index) => ({ ...found, ...(others[index] as Decision) })),
    verdict: worstOf(decisions.map(({ verdict }) => verdict)),
  };
}

function sideOf(records: readonly RunRecord[]): Side {
  return {
    runs: records.map(({ head }) => head.id),
    warmUps: records.flatMap(({ migrations }) => migrations).filter(({ warmUp }) => warmUp).length,
    toolchains: [...new Set(records.map(toolchainsOf))],
  };
}

/** The same run twice would be twice the evidence that it is. */
export function refuseTwice(records: readonly RunRecord[]): void {
  const seen = new Set<string>();
  for (const { head } of records) {
    const run = `${head.scenario.name}/${head.id}/${head.originNs}`;
    if (seen.has(run)) throw new UsageError(`the run ${head.id} of ${head.scenario.name} is given twice`);
    seen.add(run);
  }
}

function refuseDifferences(drafts: readonly Draft[]): void {
  const lines = drafts.flatMap(({ scenario, differences }) =>
    differences.map(
      ({ what, base, candidate }) =>
        `  ${scenario}: ${what}: ${base.join(' | ')} against ${candidate.join(' | ')}`,
    ),
  );
  if (lines.length === 0) return;
  throw new UsageError(
    `base and candidate differ in more than their toolchains:\n${lines.join('\n')}`,
    'compare runs of one environment, or say --allow-differences, and the result is flagged',
  );
}
