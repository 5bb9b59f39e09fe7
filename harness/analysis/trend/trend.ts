/** A history → each measurement of each cell over time, and where it changed. Pure; the order of the runs given is nothing. */
import { UsageError } from '../../errors.ts';
import { nearest } from '../../scenario/parse.ts';
import { HEADLINE } from '../compare/choose.ts';
import { type Limits, worstOf } from '../compare/decide.ts';
import { holm } from '../compare/holm.ts';
import { type Split, splitsOf } from './change-points.ts';
import type { HistoryRun } from './history-run.ts';
import { judge } from './judge.ts';
import type { CellTrend, Series, Trend } from './model.ts';
import { seriesOf } from './series.ts';

export interface TrendOptions extends Limits {
  /** Null: all of them. */
  scenario: string | null;
  /** Names of measurements, or `all`; null: the headline of `thaw compare`. */
  measurements: readonly string[] | null;
}

/** UsageError where the history has no such scenario or measurement. */
export function trend(history: readonly HistoryRun[], options: TrendOptions): Trend {
  const { alpha, threshold } = options;
  const { runs, notes } = eachOnce(history);
  const names = chooseMeasurements(runs, options.measurements);
  const drafts = cellsOf(ofScenario(runs, options.scenario)).map((cell) => ({
    cell,
    series: seriesOf(cell, names),
  }));
  const all = drafts.flatMap(({ series }) => series);
  // Eight times finer than the strictest limit that Holm begins with.
  const permutations = Math.max(FEWEST_PERMUTATIONS, Math.ceil((8 * all.length) / alpha));
  const splits = all.map(({ known }) =>
    splitsOf(
      known.map(({ value }) => value),
      { alpha, permutations },
    ),
  );
  const tested = splits.flatMap(allOf);
  const adjusted = new Map(holm(tested.map(({ p }) => p)).map((p, i) => [tested[i] as Split, p]));
  const limits = { alpha, threshold, tests: tested.length };
  const cells = drafts.map(({ cell, series }): CellTrend => {
    const judged = series.map((one): Series => judge(one, splits.shift() ?? null, adjusted, limits));
    return { ...headOf(cell), series: judged, verdict: worstOf(judged.map(({ verdict }) => verdict)) };
  });
  const verdict = worstOf(cells.map((cell) => cell.verdict));
  return { schema: 1, alpha, threshold, tests: tested.length, cells, notes, verdict };
}

const FEWEST_PERMUTATIONS = 9_999;

/** Runs in the order of time. Of two with one ID that differ, the text that sorts last counts, wherever it stands. */
function eachOnce(history: readonly HistoryRun[]): { runs: HistoryRun[]; notes: string[] } {
  const byId = new Map<string, HistoryRun>();
  const twice = new Set<string>();
  for (const run of history) {
    const other = byId.get(run.id);
    const [text, otherText] = [JSON.stringify(run), JSON.stringify(other)];
    if (other !== undefined && text !== otherText) twice.add(run.id);
    if (other === undefined || text > (otherText as string)) byId.set(run.id, run);
  }
  const runs = [...byId.values()].sort(
    (a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt) || (a.id < b.id ? -1 : 1),
  );
  const notes = [...twice].sort().map((id) => `the run ${id} is there twice with different figures`);
  return { runs, notes };
}

function ofScenario(runs: readonly HistoryRun[], name: string | null): readonly HistoryRun[] {
  if (name === null) return runs;
  const found = runs.filter(({ scenario }) => scenario === name);
  if (found.length > 0) return found;
  const known = [...new Set(runs.map(({ scenario }) => scenario))];
  throw new UsageError(
    `--scenario: ${name} has no run in this history${nearest(name, known)}`,
    `it has ${known.join(', ') || 'none'}`,
  );
}

function chooseMeasurements(runs: readonly HistoryRun[], names: readonly string[] | null): readonly string[] {
  const known = new Set(runs.flatMap(({ measurements }) => measurements).map((one) => one.measurement));
  if (names === null) return HEADLINE.filter((name) => known.has(name));
  if (names.includes('all')) return [...known].sort();
  const wrong = names.find((name) => !known.has(name));
  if (wrong === undefined) return [...new Set(names)];
  throw new UsageError(
    `--measurement: ${wrong} was not measured${nearest(wrong, [...known])}`,
    `the runs have ${[...known].join(', ') || 'none'}; all is all of them`,
  );
}

/** Runs that can be compared, together; cells in the order of their names. */
function cellsOf(runs: readonly HistoryRun[]): HistoryRun[][] {
  const cells = new Map<string, HistoryRun[]>();
  for (const run of runs) {
    const { scenario, cell, toolchain, environment } = run;
    const key = JSON.stringify([scenario, Object.entries(cell).sort(), toolchain, environment]);
    cells.set(key, [...(cells.get(key) ?? []), run]);
  }
  return [...cells].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, cell]) => cell);
}

function headOf(runs: readonly HistoryRun[]): Omit<CellTrend, 'series' | 'verdict'> {
  const { scenario, cell, toolchain, environment } = runs[0] as HistoryRun;
  return {
    scenario,
    cell,
    toolchain,
    environment,
    runs: runs.map(({ id, startedAt, versions, verdict, migrations, failed }) => ({
      id,
      startedAt,
      versions,
      verdict,
      migrations,
      failed,
    })),
  };
}

function allOf(split: Split | null): Split[] {
  return split === null ? [] : [split, ...split.parts.flatMap(allOf)];
}
