/** A sweep over memory and handover, as figures that are easy to check. */
import { type SweepPlan, type SweepResult, sweepResult } from '../../../harness/analysis/sweep/result.ts';
import type { RunRecord } from '../../../harness/model.ts';
import { passingRecord } from '../fixture.ts';

const MEMORY = ['16MiB', '64MiB', '256MiB'];
const ADDRESS = ['before-restore', 'after-restore'];

export const plan: SweepPlan = {
  name: 'memory',
  why: 'what memory costs',
  seed: 1,
  axes: [
    { key: 'bundle.counter.memory', values: MEMORY },
    { key: 'handover.address', values: ADDRESS },
  ],
  rounds: 2,
  cells: MEMORY.flatMap((memory) =>
    ADDRESS.map((address) => ({ 'bundle.counter.memory': memory, 'handover.address': address })),
  ),
};

/** A record with nothing but these values of two measurements. */
export function recordWith(
  frozen: number[],
  downtime: number[],
  changes: Partial<RunRecord> = {},
): RunRecord {
  const record = passingRecord();
  const values: Record<string, number[]> = { 'frozen-window': frozen, downtime };
  return {
    ...record,
    migrations: record.migrations.filter(({ warmUp }) => !warmUp).slice(0, frozen.length),
    distributions: record.distributions.map((one) => ({
      ...one,
      values: values[one.measurement] ?? [],
      unknown: [],
    })),
    verdict: 'pass',
    outcome: 'completed',
    ...changes,
  };
}

/** 100 ms, and 2 ms for each MiB; 50 ms more downtime with the address after the restore. */
export function sweepOf(changes: (cell: number) => Partial<RunRecord> = () => ({})): SweepResult {
  const runs = plan.cells.flatMap((values, cell) => {
    const frozen = 100 + 2 * Number.parseInt(values['bundle.counter.memory'] as string, 10);
    const late = values['handover.address'] === 'after-restore' ? 50 : 0;
    return [0, 1].map((round) => ({
      cell,
      record: recordWith(
        [frozen + round, frozen - round],
        [frozen + late + 3 + round, frozen + late + 3 - round],
        changes(cell),
      ),
    }));
  });
  return sweepResult(plan, runs);
}

/** Of two toolchains, each way; `evil`: made of each name. */
export function skewPlan(evil: (text: string) => string = (text) => text): SweepPlan {
  const names = [evil('new'), evil('old')];
  return {
    name: evil('skew'),
    why: evil('which restores which'),
    seed: 1,
    axes: ['rhel01', 'rhel02'].map((host) => ({ key: `toolchain.${host}`, values: names })),
    rounds: 1,
    cells: names.flatMap((a) => names.map((b) => ({ 'toolchain.rhel01': a, 'toolchain.rhel02': b }))),
  };
}

/** New to new works, new to old fails, old to new was skipped, old to old was not run. */
export function skewRuns(plan: SweepPlan, evil: (text: string) => string = (text) => text) {
  const of = (cell: number, record: RunRecord) => {
    const [rhel01 = '', rhel02 = ''] = Object.values(plan.cells[cell] ?? {});
    const { head } = record;
    const toolchain = { rhel01, rhel02 };
    return {
      cell,
      round: 1,
      run: `run/${cell}`,
      record: { ...record, head: { ...head, scenario: { ...head.scenario, toolchain } } },
    };
  };
  const [one] = passingRecord().migrations.filter(({ warmUp, source }) => !warmUp && source === 'rhel01');
  if (one === undefined) throw new Error('the passing record has no migration from rhel01');
  const base: RunRecord = {
    ...passingRecord(),
    migrations: [one],
    verdicts: [],
    outcome: 'completed',
    verdict: 'pass',
  };
  const failed = {
    ...one,
    outcome: {
      state: 'failed' as const,
      phase: 'restore' as const,
      error: evil('no'),
      survivor: 'rhel01' as const,
      rolledBack: true,
    },
    diagnosis: null,
  };
  const tail = base.tail && { ...base.tail, reason: evil('it has no userfaultfd') };
  return [
    of(0, base),
    of(1, { ...base, migrations: [failed], verdict: 'fail' }),
    of(2, { ...base, migrations: [], outcome: 'skipped', verdict: 'unknown', tail }),
  ];
}

/** What `skewRuns` make of it. */
export function skewOf(evil: (text: string) => string = (text) => text): SweepResult {
  const skew = skewPlan(evil);
  return sweepResult(skew, skewRuns(skew, evil));
}
