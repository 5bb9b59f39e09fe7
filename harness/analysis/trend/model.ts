/** What `thaw trend` finds: the words as types. */
import type { Change, ComparisonVerdict } from '../compare/comparison.ts';
import type { HistoryRun } from './history-run.ts';

export interface Trend {
  schema: 1;
  alpha: number;
  threshold: number;
  /** For how many tests Holm corrected. */
  tests: number;
  cells: CellTrend[];
  /** What of the history was left out, or is doubtful. */
  notes: string[];
  verdict: ComparisonVerdict;
}

/** Runs that can be compared, in the order of time. */
export interface CellTrend extends Pick<HistoryRun, 'scenario' | 'cell' | 'toolchain' | 'environment'> {
  runs: Pick<HistoryRun, 'id' | 'startedAt' | 'versions' | 'verdict' | 'migrations' | 'failed'>[];
  series: Series[];
  verdict: ComparisonVerdict;
}

export interface Series {
  measurement: string;
  /** `share`: of the migrations, between 0 and 1. */
  unit: 'ms' | 'bytes' | 'requests' | 'share';
  /** One for each run of the cell, in the same order. */
  points: Point[];
  /** In the order of time. */
  changes: ChangePoint[];
  /** Of the newest change. */
  verdict: ComparisonVerdict;
  why: string;
}

/** `median`: null where no migration of the run measured it. */
export interface Point {
  n: number;
  unknown: number;
  median: number | null;
  medianCi95: [number, number] | null;
}

export interface ChangePoint {
  /** The last run before, and the first one after it: where it is likeliest to lie. */
  after: RunName;
  before: RunName;
  /** From the runs since the change before to those until the next one; null where no ratio says it. */
  change: Change | null;
  p: number;
  pAdjusted: number;
  versions: VersionChange[];
}

export interface RunName {
  id: string;
  startedAt: string;
}

/** `runs`: how many runs later than the change it came; negative: earlier. */
export interface VersionChange {
  what: string;
  from: string;
  to: string;
  runs: number;
}
