/** The words of a suite: its cells in their order, what is expected of them, and which of them are run here. Pure. */
import { UsageError } from '../../errors.ts';

/** What is known of a cell before it is run. */
export type Expectation = (
  | {
      kind: 'fail' /** Identifier of a known failure. */;
      failure: string /** A day, such as `2026-12-31`. */;
      until: string;
    }
  | { kind: 'skip' }
) & { why: string /** Where it is reported. */; link: string | null };

export interface PlannedCell {
  /** `SCENARIO`, or `SCENARIO[key=value,…]`. */
  id: string;
  scenario: string;
  /** What the suite gives it, as key → value. */
  values: Record<string, string>;
  expect: Expectation | null;
  /** Migrations of one run, warm-up included. */
  wanted: number;
}

export interface SuitePlan {
  name: string;
  why: string;
  /** Of the suite, its scenarios and what the command line changes in them: shards of one suite have the same. */
  digest: string;
  /** How often each cell is run, and how often a run that did not pass is tried again. */
  repeat: number;
  retries: number;
  cells: PlannedCell[];
}

/** What earlier runs of a cell took. */
export interface Earlier {
  id: string;
  passed: boolean;
  /** Whole runs, in seconds. */
  seconds: number[];
}

export interface Shard {
  /** From 1. */
  index: number;
  of: number;
}

export interface Choosing {
  /** Cells whose name has one of these in it; empty: all. */
  only: string[];
  /** Only what did not pass earlier. */
  lastFailed: boolean;
  shard: Shard | null;
  earlier: readonly Earlier[];
}

export interface Estimated extends PlannedCell {
  /** Of all its runs; `measured`: by earlier runs of this very cell. */
  seconds: number;
  basis: 'measured' | 'assumed';
}

/** The cells to be run here, in the order of the plan; a shard may have none. UsageError where the choice leaves none. */
export function chosenCells(plan: SuitePlan, { only, lastFailed, shard, earlier }: Choosing): Estimated[] {
  const estimated = plan.cells.map((cell) => estimate(cell, plan.repeat, earlier));
  const failed = new Set(earlier.filter((one) => !one.passed).map(({ id }) => id));
  const matching = estimated
    .filter(({ id }) => only.length === 0 || only.some((text) => id.includes(text)))
    .filter(({ id }) => !lastFailed || failed.has(id));
  if (matching.length === 0)
    throw new UsageError(whyNone(plan, { only, lastFailed }), 'thaw plan shows the cells');
  return shard === null ? matching : shardOf(matching, shard);
}

function whyNone(
  { name, cells }: SuitePlan,
  { only, lastFailed }: Pick<Choosing, 'only' | 'lastFailed'>,
): string {
  if (cells.length === 0) return `${name} has no cell`;
  const asked = only.length === 0 ? 'all cells' : `the cells that have ${only.join(' or ')} in their names`;
  return lastFailed ? `nothing is left of ${name}: none of ${asked} failed` : `${name} has none of ${asked}`;
}

// Bringing hosts up and ending them, and one migration besides its pause: what is assumed where nothing was measured.
const SECONDS_A_RUN = 8;
const SECONDS_A_MIGRATION = 1.5;

function estimate(cell: PlannedCell, repeat: number, earlier: readonly Earlier[]): Estimated {
  const seconds = earlier.filter(({ id }) => id === cell.id).flatMap((one) => one.seconds);
  if (seconds.length === 0) {
    return {
      ...cell,
      seconds: repeat * (SECONDS_A_RUN + cell.wanted * SECONDS_A_MIGRATION),
      basis: 'assumed',
    };
  }
  const sorted = seconds.toSorted((a, b) => a - b);
  return { ...cell, seconds: repeat * (sorted[Math.floor(sorted.length / 2)] as number), basis: 'measured' };
}

/** The longest first, each to the shard that has least so far; within a shard the order of the plan. */
export function shardOf(cells: readonly Estimated[], { index, of }: Shard): Estimated[] {
  const loads = Array.from({ length: of }, () => 0);
  const mine = new Set<string>();
  for (const cell of cells.toSorted((a, b) => b.seconds - a.seconds || (a.id < b.id ? -1 : 1))) {
    const least = loads.indexOf(Math.min(...loads));
    loads[least] = (loads[least] as number) + cell.seconds;
    if (least === index - 1) mine.add(cell.id);
  }
  return cells.filter(({ id }) => mine.has(id));
}

export function cellId(scenario: string, values: Record<string, string>): string {
  const told = Object.entries(values).map(([key, value]) => `${key}=${value}`);
  return told.length === 0 ? scenario : `${scenario}[${told.join(',')}]`;
}
