/** Which toolchain's images which other one restores: of a sweep over the toolchains of single hosts. Pure. */

import type { RunRecord } from '../../model.ts';
import { runtimeText } from '../../runtime/commands.ts';
import { causeOf } from './cause.ts';
import type { SweepPlan } from './result.ts';

/** All pairs of source and destination, with all other axes as `where` says. */
export interface Compatibility {
  where: Record<string, string>;
  sources: string[];
  destinations: string[];
  pairs: Pair[];
}

export interface Pair {
  source: string;
  destination: string;
  /** `fails` where any migration did; `unknown` where there was none. */
  state: 'works' | 'fails' | 'unknown';
  /** Warm-ups are counted: a migration that fails does so whether it is measured or not. */
  migrations: number;
  failed: number;
  /** Each reason once: why migrations failed, or why there was none. */
  why: string[];
  /** Of runs whose migrations all completed: checks that failed all the same. */
  checks: string[];
}

interface CellRun {
  cell: number;
  record: RunRecord;
}

/** None where no toolchain of a single host varies. Where the hosts have other kernels, the names say which. */
export function compatibilityOf(plan: SweepPlan, runs: readonly CellRun[]): Compatibility[] {
  const keys = plan.axes.map(({ key }) => key).filter((key) => key.startsWith(PREFIX));
  if (keys.length === 0) return [];
  const path = runs[0]?.record.head.scenario.migration.path ?? keys.map((key) => key.slice(PREFIX.length));
  const kernels = kernelsOf(runs);
  const groups = new Map<string, { cell: number; values: Record<string, string> }[]>();
  for (const [cell, values] of plan.cells.entries()) {
    const others = Object.entries(values).filter(([key]) => !keys.includes(key));
    const name = JSON.stringify(Object.fromEntries(others));
    groups.set(name, [...(groups.get(name) ?? []), { cell, values }]);
  }
  return [...groups].map(([where, cells]) => {
    const pairs = new Map<string, Pair>();
    const pairOf = (source: string, destination: string): Pair => {
      const key = JSON.stringify([source, destination]);
      const found = pairs.get(key) ?? emptyPair(source, destination);
      pairs.set(key, found);
      return found;
    };
    for (const { cell, values } of cells) {
      const own = runs.filter((one) => one.cell === cell).map(({ record }) => record);
      const asked = pairOf(...endsOf(path, values, nameIn(own[0] ?? runs[0]?.record, kernels)));
      if (own.length === 0) note(asked.why, 'it was not run');
      for (const record of own) count(record, asked, pairOf, nameIn(record, kernels));
    }
    const all = [...pairs.values()].map(judged);
    return {
      where: JSON.parse(where),
      sources: [...new Set(all.map(({ source }) => source))],
      destinations: [...new Set(all.map(({ destination }) => destination))],
      pairs: all,
    };
  });
}

/** What ran by each name: `runc 1.3.6, CRIU 4.2.1`, each once; names are sorted, for runs come in any order. */
export function versionsByToolchain(runs: readonly CellRun[]): Record<string, string[]> {
  const kernels = kernelsOf(runs);
  const found = new Map<string, Set<string>>();
  for (const { record } of runs) {
    for (const { name: host, toolchain } of record.head.hosts) {
      const name = nameIn(record, kernels)(host);
      const versions = found.get(name) ?? new Set();
      found.set(name, versions.add(`${runtimeText(toolchain)}, CRIU ${toolchain.criu}`));
    }
  }
  return Object.fromEntries(
    [...found.keys()].sort().map((name) => [name, [...(found.get(name) as Set<string>)].sort()]),
  );
}

const PREFIX = 'toolchain.';

function emptyPair(source: string, destination: string): Pair {
  return { source, destination, state: 'unknown', migrations: 0, failed: 0, why: [], checks: [] };
}

function kernelsOf(runs: readonly CellRun[]): Set<string> {
  return new Set(runs.flatMap(({ record }) => record.head.hosts.map(({ kernel }) => kernel)));
}

/** What a host's toolchain is called: as it was asked for, `given` before what the run had. */
type NameOf = (host: string | undefined, given?: string) => string;

function nameIn(record: RunRecord | undefined, kernels: ReadonlySet<string>): NameOf {
  return (host, given) => {
    const found = record?.head.hosts.find(({ name }) => name === host);
    const asked = given ?? record?.head.scenario.toolchain[host ?? ''] ?? found?.toolchain.name ?? 'unknown';
    return kernels.size > 1 && found !== undefined ? `${asked} on Linux ${found.kernel}` : asked;
  };
}

/** Of the first migration. What does not vary is what a run of the sweep has. */
function endsOf(
  path: readonly string[],
  values: Record<string, string>,
  nameOf: NameOf,
): [source: string, destination: string] {
  const of = (host: string | undefined): string => nameOf(host, values[`${PREFIX}${host}`]);
  return [of(path[0]), of(path[1])];
}

function count(
  { migrations, verdicts, outcome, tail }: RunRecord,
  asked: Pair,
  pairOf: (source: string, destination: string) => Pair,
  nameOf: NameOf,
): void {
  if (migrations.length === 0) note(asked.why, tail?.reason ?? `${outcome} before a migration`);
  for (const migration of migrations) {
    const pair = pairOf(nameOf(migration.source), nameOf(migration.destination));
    pair.migrations++;
    const cause = causeOf(migration);
    if (cause === null) continue;
    pair.failed++;
    note(pair.why, cause);
  }
  if (migrations.some(({ outcome }) => outcome.state === 'failed')) return;
  for (const { check, state, why } of verdicts) {
    if (state === 'fail') note(asked.checks, `${check}: ${why}`);
  }
}

function note(reasons: string[], reason: string): void {
  if (!reasons.includes(reason)) reasons.push(reason);
}

function judged(pair: Pair): Pair {
  if (pair.migrations === 0) return { ...pair, state: 'unknown' };
  return { ...pair, state: pair.failed > 0 ? 'fails' : 'works' };
}
