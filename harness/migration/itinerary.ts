/** The order of migrations: the hosts of the path, round and round, warm-up first. */
import type { HostName, MigrationPlan } from '../model.ts';

export interface Leg {
  /** 1 for the first migration of the run, warm-up included. */
  number: number;
  warmUp: boolean;
  source: HostName;
  destination: HostName;
}

export interface Itinerary {
  /** The next migration from where the container is; null when all are done. */
  next(): Leg | null;
  /** Where the container is after it: the destination, or where a failed migration left it. */
  arrived(at: HostName): void;
}

export function itinerary(plan: MigrationPlan): Itinerary {
  let index = 0;
  let number = 0;
  const at = (i: number): HostName => plan.path[i % plan.path.length] as HostName;
  return {
    next() {
      if (number >= plan.warmUp + plan.count) return null;
      number++;
      return { number, warmUp: number <= plan.warmUp, source: at(index), destination: at(index + 1) };
    },
    arrived(host) {
      // A migration that was rolled back is tried again from the same place; the path may visit a host twice.
      if (host === at(index + 1)) index++;
    },
  };
}
