/** Outages of known length, and what the instruments saw of them. */

import type { FreezerReading } from './observation.ts';
import type { VerdictState } from './result.ts';
import type { ProbePlan } from './scenario.ts';
import type { BoundedMs, Interval } from './time.ts';

/**
 * How an outage is made. `stopped`: all tasks of the container by SIGSTOP. `frozen`: by its cgroup's freezer, as CRIU does
 * it. `refused`: by a reset. `dropped`: its packets are. `address-gone`: the service address is taken away.
 */
export type OutageKind = 'stopped' | 'frozen' | 'refused' | 'dropped' | 'address-gone';

/** One line of `outages.ndjson`: an outage that was made, on the common clock. */
export interface MadeOutage {
  kind: OutageKind;
  connection: ProbePlan['connection']['kind'];
  wantedMs: number;
  /** The life of the command that began it, and of the one that ended it. */
  begin: Interval;
  end: Interval;
  /** What a migration's watch saw of the container's freezer meanwhile; empty where nobody looked. */
  freezer: FreezerReading[];
}

export interface MeasuredOutage extends MadeOutage {
  true: BoundedMs;
  /** The longest time between two answers in a row around it; null: there were none. */
  seenMs: number | null;
  /** The heartbeat's pause, of a container that was stopped or frozen. */
  heartbeatMs: number | null;
  /** Between the freezer's two changes as the watch saw them, of a container that was frozen. */
  window: BoundedMs | null;
}

/** All outages of a kind, a connection and a length. Errors are what was seen less what is true, and 0 within its bounds. */
export interface CalibrationRow extends Pick<MadeOutage, 'kind' | 'connection' | 'wantedMs'> {
  outages: number;
  unseen: number;
  /** Medians. */
  trueMs: number;
  /** Half of what the times of its commands leave open. */
  uncertaintyMs: number;
  seenMs: number | null;
  errorMs: number | null;
  leastErrorMs: number | null;
  mostErrorMs: number | null;
  /** Whether the median error is allowed; null where TCP, and not the probe, decides what a client sees. */
  state: VerdictState | null;
}

/**
 * All outages of a length for which the container was stopped or frozen, by what is known of it without a client.
 * Medians; errors are 0 within the bounds of what is true and of what was seen.
 */
export interface StopRow extends Pick<MadeOutage, 'kind' | 'wantedMs'> {
  outages: number;
  trueMs: number;
  uncertaintyMs: number;
  heartbeatMs: number | null;
  heartbeatErrorMs: number | null;
  windowMs: number | null;
  windowUncertaintyMs: number | null;
  windowErrorMs: number | null;
  state: VerdictState;
}

export interface Calibration {
  resolutionMs: number;
  allowedMs: number;
  outages: MeasuredOutage[];
  rows: CalibrationRow[];
  stops: StopRow[];
  verdict: VerdictState;
}
