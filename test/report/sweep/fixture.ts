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
