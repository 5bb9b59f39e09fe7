/** The common clock: the controller's CLOCK_MONOTONIC, counted in milliseconds from the run's origin. */
import type { Instant } from './model.ts';

export interface Clock {
  /** CLOCK_MONOTONIC at the origin, in nanoseconds. */
  readonly originNs: bigint;
  /** CLOCK_REALTIME minus CLOCK_MONOTONIC at the origin, in milliseconds. */
  readonly wallOffsetMs: number;
  now(): Instant;
  /** An instant from a CLOCK_MONOTONIC reading in nanoseconds that another process took on this machine. */
  fromNs(ns: bigint): Instant;
}

/** A clock whose origin is now. */
export function startClock(): Clock {
  const originNs = process.hrtime.bigint();
  const fromNs = (ns: bigint): Instant => Number((ns - originNs) / 1_000n) / 1_000;
  return {
    originNs,
    wallOffsetMs: wallMinusMonotonicMs(),
    now: () => fromNs(process.hrtime.bigint()),
    fromNs,
  };
}

/**
 * CLOCK_REALTIME − CLOCK_MONOTONIC in milliseconds; the tightest of a few readings. The wall clock is read anew each
 * time (performance.timeOrigin is fixed when Node starts, and would hide a step of it), at the instant at which its
 * millisecond turns.
 */
export function wallMinusMonotonicMs(wallMs: () => number = Date.now): number {
  const readings = Array.from({ length: 5 }, () => atNextMillisecond(wallMs));
  return readings.reduce((best, one) => (one.widthMs < best.widthMs ? one : best)).offsetMs;
}

function atNextMillisecond(wallMs: () => number): { widthMs: number; offsetMs: number } {
  const begun = wallMs();
  for (let before = monotonicMs(); ; ) {
    const wall = wallMs();
    const after = monotonicMs();
    if (wall !== begun) return { widthMs: after - before, offsetMs: wall - (before + after) / 2 };
    before = after;
  }
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
