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

/** CLOCK_REALTIME − CLOCK_MONOTONIC in milliseconds; the tightest of a few readings. */
export function wallMinusMonotonicMs(): number {
  let best = { widthMs: Number.POSITIVE_INFINITY, offsetMs: 0 };
  for (let i = 0; i < 20; i++) {
    const before = Number(process.hrtime.bigint()) / 1e6;
    const wall = performance.timeOrigin + performance.now();
    const after = Number(process.hrtime.bigint()) / 1e6;
    if (after - before < best.widthMs) {
      best = { widthMs: after - before, offsetMs: wall - (before + after) / 2 };
    }
  }
  return best.offsetMs;
}
