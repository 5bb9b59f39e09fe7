/** What a scenario's faults come to in one migration: every random choice by the seed, the same each time. */
import { phasesOf, suits } from '../../fault.ts';
import type { FaultPhase, FaultPlace, FaultPlan, Scenario } from '../../model.ts';
import { mulberry32 } from '../statistics.ts';

/** A fault with everything decided. */
export interface DrawnFault {
  kind: FaultPlan['kind'];
  at: FaultPhase;
  place: FaultPlace;
  /** So long after the phase has begun. */
  afterMs: number;
  forMs: number;
  number: number | null;
}

/** Those of the migration with this number. */
export function drawFaults(
  { faults, migration, seed }: Pick<Scenario, 'faults' | 'migration' | 'seed'>,
  number: number,
): DrawnFault[] {
  const all = phasesOf(migration.strategy.kind, migration.transfer);
  return faults.flatMap((plan, index) => {
    if (plan.migrations !== null && !plan.migrations.includes(number)) return [];
    // A generator each: a fault more in the scenario changes nothing for the others.
    const random = mulberry32(seed * 1_000_003 + number * 101 + index);
    random();
    const phases = all.filter((phase) => suits(plan.kind, phase));
    const phase = phases[Math.floor(random() * phases.length)] as FaultPhase;
    const afterMs = Math.round(plan.afterMs + random() * plan.spreadMs);
    const at = plan.at === 'random' ? phase : plan.at;
    const place = placeOf(plan, at);
    return [{ kind: plan.kind, at, place, afterMs, forMs: plan.forMs, number: plan.number }];
  });
}

function placeOf({ kind, place }: FaultPlan, at: FaultPhase): FaultPlace {
  if (kind === 'kill-client') return 'client';
  if (place !== 'auto') return place;
  return at === 'restore' || at === 'lazy-pages' ? 'destination' : 'source';
}
