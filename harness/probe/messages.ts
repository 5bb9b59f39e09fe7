/** What the controller and the probe's process say to each other. */
import type { Instant, ProbeFacts, ProbePlan } from '../model.ts';

export interface ProbeOptions {
  /** Name that is resolved once, in the client's place. */
  service: string;
  port: number;
  path: string;
  ratePerSecond: number;
  connection: ProbePlan['connection'];
  timeoutMs: number;
  maxInFlight: number;
  /** CLOCK_MONOTONIC at the run's origin, in nanoseconds, as a decimal string. */
  originNs: string;
  samplesFile: string;
  /** It ends by itself after this time, whatever happens. */
  maxSeconds: number;
}

export type ProbeMessage =
  | { type: 'ready'; resolved: string }
  | { type: 'host'; host: string; at: Instant }
  | { type: 'counts'; answered: number; failed: number; dropped: number; host: string | null; at: Instant }
  | { type: 'paused' }
  | { type: 'stopped'; facts: ProbeFacts }
  | { type: 'error'; message: string };
