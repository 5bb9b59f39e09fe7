/** The verdict of a run that goes on, from numbers that are folded as they come: a run of days has many migrations. */
import type { MigrationResult, Scenario, VerdictState } from '../model.ts';
import { lostOf, oneContainer, sameContainer, worst } from './checks.ts';
import { isStruck } from './faults/check.ts';
import { isUnknown } from './intervals.ts';
import { judgeLimit, noBounds, noteBounds } from './limits.ts';

export interface SoFar {
  /** One more migration; the verdict as if the run ended here. */
  add(result: MigrationResult): VerdictState;
}

/**
 * What the migrations so far tell of the checks that need nothing else. A median may yet come back below its limit; what
 * later answers decide is left to the end. Of each migration some numbers are kept, for a run may have many.
 */
export function verdictSoFar({ checks }: Pick<Scenario, 'checks'>): SoFar {
  const sums = { failed: 0, lost: 0, broken: 0 };
  const limits = checks.limits.map((limit) => ({ limit, bounds: noBounds() }));
  let measured = false;
  let containers: VerdictState = 'pass';
  const exceeded = (atMost: number | null, sum: number): VerdictState =>
    atMost !== null && sum > atMost ? 'fail' : 'pass';
  return {
    add(result) {
      if (result.outcome.state === 'failed' && !isStruck(result)) sums.failed++;
      sums.lost += lostOf(result);
      if (!isUnknown(result.connections)) sums.broken += result.connections.broken;
      containers = worst([containers, ...containerStates(checks, result)]);
      if (!result.warmUp) {
        measured = true;
        for (const { limit, bounds } of limits) noteBounds(bounds, limit, result);
      }
      return worst([
        containers,
        exceeded(checks.failedMigrationsAtMost, sums.failed),
        exceeded(checks.lostRequestsAtMost, sums.lost),
        exceeded(checks.brokenConnectionsAtMost, sums.broken),
        ...(measured ? limits.map(({ limit, bounds }) => judgeLimit(limit, bounds).state) : []),
      ]);
    },
  };
}

/** What the hosts said of the container after one migration; the checks of a run are the worst of these. */
function containerStates(checks: Scenario['checks'], result: MigrationResult): VerdictState[] {
  const results = [result];
  const completed = result.outcome.state === 'completed';
  return [
    ...(checks.oneContainer ? [oneContainer({ results })] : []),
    ...(checks.sameContainer && completed ? [sameContainer({ results })] : []),
  ].map(({ state }) => state);
}
