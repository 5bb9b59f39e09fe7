/** Cells of a sweep and the records of their runs → figures for each cell, and what a number that varies costs. Pure. */
import type { Distribution, RunRecord, VerdictState } from '../../model.ts';
import { verdictOf, worst } from '../checks.ts';
import { medianCi95, quantile } from '../statistics.ts';
import { causeOf } from './cause.ts';
import { type Compatibility, compatibilityOf, versionsByToolchain } from './compatibility.ts';
import { type Line, lineOf, numbersOf } from './fit.ts';

export interface SweepPlan {
  name: string;
  why: string;
  seed: number;
  axes: { key: string; values: string[] }[];
  rounds: number;
  /** What each cell has of each axis. */
  cells: Record<string, string>[];
}

/** What is known of a cell over all its runs. */
export interface CellResult {
  values: Record<string, string>;
  runs: number;
  /** Measured migrations, warm-up left out, and those of them that failed. */
  migrations: number;
  failed: number;
  /** Why a run was skipped; null where none was. */
  skipped: string | null;
  verdict: VerdictState;
  /** Checks that did not pass, each once. */
  notPassed: string[];
  /** Why migrations failed, each reason once. */
  causes: string[];
  figures: Figure[];
}

/** One measurement over all measured migrations of a cell; unknown ones are counted. */
export interface Figure
  extends Pick<Distribution, 'measurement' | 'unit' | 'median' | 'medianCi95' | 'uncertainty'> {
  values: number[];
  unknown: number;
}

/** What one axis costs, with all other axes as `where` says. */
export interface Cost {
  axis: string;
  /** Of the axis: MiB, MiB/s, ms, /s, or nothing. */
  unit: string;
  measurement: string;
  where: Record<string, string>;
  line: Line;
}

export interface SweepResult extends Omit<SweepPlan, 'cells'> {
  cells: CellResult[];
  costs: Cost[];
  /** Source × destination, a table for each combination of the other axes; none where no toolchain of a host varies. */
  compatibility: Compatibility[];
  /** What ran by the name of each toolchain. */
  versions: Record<string, string[]>;
  /** Runs that the plan asks for, and that there are. */
  planned: number;
  done: number;
  verdict: VerdictState;
}

const FIGURES = ['frozen-window', 'downtime', 'recovery', 'lost', 'gap', 'image-bytes'];
export const COSTS = ['frozen-window', 'downtime', 'recovery'];

export function sweepResult(
  plan: SweepPlan,
  runs: readonly { cell: number; record: RunRecord }[],
  unbegun: readonly { cell: number; error: string }[] = [],
): SweepResult {
  const cells = plan.cells.map((values, index) =>
    cellResult(
      values,
      runs.filter(({ cell }) => cell === index).map(({ record }) => record),
      plan.seed,
      unbegun.filter(({ cell }) => cell === index).map(({ error }) => `could not begin: ${error}`),
    ),
  );
  const planned = plan.cells.length * plan.rounds;
  const complete: VerdictState = runs.length === planned ? 'pass' : 'unknown';
  return {
    name: plan.name,
    why: plan.why,
    seed: plan.seed,
    axes: plan.axes,
    rounds: plan.rounds,
    cells,
    costs: plan.axes.flatMap((axis) => costsOf(axis, plan, cells)),
    compatibility: compatibilityOf(plan, runs),
    versions: versionsByToolchain(runs),
    planned,
    done: runs.length,
    verdict: worst([complete, ...cells.map(({ verdict }) => verdict)]),
  };
}

/** Over all runs of a cell; `seed`: of the bootstrap; `unbegun`: why others could not begin. */
export function cellResult(
  values: Record<string, string>,
  records: readonly RunRecord[],
  seed: number,
  unbegun: readonly string[] = [],
): CellResult {
  const migrations = records.flatMap((record) => record.migrations.filter(({ warmUp }) => !warmUp));
  const skipped = records.find(({ outcome }) => outcome === 'skipped');
  const told = records.flatMap(({ outcome, tail, verdicts }) => [
    // What was not done explains the checks that tell nothing.
    ...(outcome === 'completed' ? [] : [tail?.reason ?? 'the run was not ended']),
    ...verdicts
      .filter(({ state }) => state !== 'pass')
      .map(({ check, state, why }) => `${check}: ${state}: ${why}`),
  ]);
  return {
    values,
    runs: records.length,
    migrations: migrations.length,
    failed: migrations.filter(({ outcome }) => outcome.state === 'failed').length,
    skipped: skipped === undefined ? null : (skipped.tail?.reason ?? 'skipped'),
    verdict: worst([...records.map(verdictOf), ...unbegun.map((): VerdictState => 'unknown')]),
    notPassed: skipped === undefined ? [...new Set([...unbegun, ...told])] : [],
    causes: [...new Set(migrations.flatMap((migration) => causeOf(migration) ?? []))],
    figures: FIGURES.map((measurement, index) => figureOf(measurement, records, seed + index)),
  };
}

function figureOf(measurement: string, records: readonly RunRecord[], seed: number): Figure {
  const all = records.flatMap(({ distributions }) =>
    distributions.filter((distribution) => distribution.measurement === measurement),
  );
  const values = all.flatMap((distribution) => distribution.values);
  return {
    measurement,
    unit: all[0]?.unit ?? 'ms',
    values,
    unknown: all.reduce((sum, { unknown }) => sum + unknown.length, 0),
    median: quantile(values, 0.5),
    medianCi95: medianCi95(values, seed),
    // Of each value: the largest over the runs.
    uncertainty: all.reduce<number | null>(
      (most, { uncertainty }) => (uncertainty === null ? most : Math.max(most ?? 0, uncertainty)),
      null,
    ),
  };
}

/** Cells that differ in this axis alone, for each combination of the others, with the axis as a number. */
export interface AxisGroup {
  unit: string;
  where: Record<string, string>;
  cells: { x: number; cell: CellResult }[];
}

/** None where the values of the axis are no numbers of one unit. */
export function groupsAlong(axis: SweepPlan['axes'][number], cells: readonly CellResult[]): AxisGroup[] {
  const read = numbersOf(axis.values);
  if (read === null) return [];
  const groups = new Map<string, AxisGroup['cells']>();
  for (const cell of cells) {
    const { [axis.key]: value = '', ...others } = cell.values;
    const key = JSON.stringify(others);
    const x = read.numbers[axis.values.indexOf(value)] as number;
    groups.set(key, [...(groups.get(key) ?? []), { x, cell }]);
  }
  return [...groups].map(([others, group]) => ({ unit: read.unit, where: JSON.parse(others), cells: group }));
}

/** A line for each measurement and each combination of the other axes. */
function costsOf(axis: SweepPlan['axes'][number], plan: SweepPlan, cells: readonly CellResult[]): Cost[] {
  return groupsAlong(axis, cells).flatMap(({ unit, where, cells: group }) =>
    COSTS.flatMap((measurement, index): Cost[] => {
      const points = group.map(({ x, cell }) => ({
        x,
        values: cell.figures.find((figure) => figure.measurement === measurement)?.values ?? [],
      }));
      const line = lineOf(points, plan.seed + index);
      return line === null ? [] : [{ axis: axis.key, unit, measurement, where, line }];
    }),
  );
}
