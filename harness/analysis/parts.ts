/** A run that was broken off, as a part of the run that goes on for it; and what is then left to do. */
import type { MigrationPlan, RunPart, RunRecord } from '../model.ts';
import { isUnknown } from './intervals.ts';
import { quantile } from './statistics.ts';

export function partOf({ head, outcome, migrations }: RunRecord): RunPart {
  const measured = migrations.filter(({ warmUp }) => !warmUp);
  return {
    run: head.id,
    outcome,
    migrations: measured.length,
    failed: measured.filter((one) => one.outcome.state === 'failed').length,
    elapsedMs: elapsedMs(migrations),
    frozenWindowMs: quantile(
      measured.flatMap(({ frozenWindow }) => (isUnknown(frozenWindow) ? [] : frozenWindow.window.ms)),
      0.5,
    ),
    downtimeMs: quantile(
      measured.flatMap(({ downtime }) => (isUnknown(downtime) ? [] : downtime.ms)),
      0.5,
    ),
  };
}

/** The plan of the run that goes on for a part; null where nothing is left to do. */
export function whatIsLeft(plan: MigrationPlan, part: RunPart): MigrationPlan | null {
  const count = plan.count - part.migrations;
  const forMs = plan.forMs === null ? null : Math.floor(plan.forMs - part.elapsedMs);
  return count <= 0 || (forMs !== null && forMs <= 0) ? null : { ...plan, count, forMs };
}

/** From the first span to the end of the last one. */
export function elapsedMs(migrations: RunRecord['migrations']): number {
  let [begun, ended] = [Number.POSITIVE_INFINITY, 0];
  for (const { start, end } of migrations.flatMap(({ spans }) => spans)) {
    begun = Math.min(begun, start.earliest);
    ended = Math.max(ended, end.latest);
  }
  return Math.max(0, ended - begun);
}
