/** What is bisected: a line of versions with both ends, and which way it goes. */
import type { FailingSide } from './belief.ts';

/** `first-bad`: the good end is the older. `first-fixed`: the bad end is. */
export type Direction = 'first-bad' | 'first-fixed';

/** What of a scenario a version changes: a whole toolchain, or a part of it; as the options of these names take it. */
export interface VersionChange {
  toolchain?: string;
  runc?: string;
  crun?: string;
  criu?: string;
}

export interface Version {
  /** As a person calls it: `debian:trixie`, or a commit. */
  name: string;
  /** Of a commit, its subject; null where there is none. */
  subject: string | null;
  /** A commit with several parents is one step: what it brought in is not looked into. */
  merge: boolean;
  change: VersionChange;
}

export interface BisectPlan {
  /** Of the scenario. */
  name: string;
  scenarioFile: string;
  direction: Direction;
  /** Oldest first; the ends are what `--good` and `--bad` said. */
  versions: Version[];
  /** Only this known failure counts; null: any. */
  failure: string | null;
  confidence: number;
  /** No more runs than that. */
  runs: number;
  /** Words of the command line that asked for it, without `thaw`. */
  command: string[];
}

export function failingSide({ direction }: Pick<BisectPlan, 'direction'>): FailingSide {
  return direction === 'first-bad' ? 'after' : 'before';
}

/** Which of both ends is the failing one: the index of its version. */
export function failingEnd(plan: BisectPlan): number {
  return plan.direction === 'first-bad' ? plan.versions.length - 1 : 0;
}
