/** Instants, intervals and bounded durations. */

/** Milliseconds since the run's origin on the controller's monotonic clock. */
export type Instant = number;

/** An instant that was not read but bounded: it lies between the two, both included. */
export interface Interval {
  earliest: Instant;
  latest: Instant;
}

/** A duration with the bounds that its two uncertain ends leave, in milliseconds. */
export interface BoundedMs {
  ms: number;
  atLeastMs: number;
  atMostMs: number;
}
