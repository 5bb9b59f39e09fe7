/** Intervals and bounded durations: what is known of an instant that was not read. */
import type { BoundedMs, Instant, Interval, OrUnknown, Unknown } from '../model.ts';
import { micro } from './statistics.ts';

export function middle({ earliest, latest }: Interval): number {
  return (earliest + latest) / 2;
}

/** The least interval that holds all of these instants. */
export function interval(...instants: readonly [Instant, ...Instant[]]): Interval {
  return { earliest: Math.min(...instants), latest: Math.max(...instants) };
}

/** What both say; null where they contradict each other. */
export function intersect(a: Interval, b: Interval): Interval | null {
  const both = { earliest: Math.max(a.earliest, b.earliest), latest: Math.min(a.latest, b.latest) };
  return both.earliest <= both.latest ? both : null;
}

/** The time from one uncertain instant to another; never negative. */
export function between(start: Interval, end: Interval): BoundedMs {
  return {
    ms: micro(Math.max(0, middle(end) - middle(start))),
    atLeastMs: micro(Math.max(0, end.earliest - start.latest)),
    atMostMs: micro(Math.max(0, end.latest - start.earliest)),
  };
}

/** How far a bounded duration may lie from its value: the bounds need not be equally far from it. */
export function halfWidth({ ms, atLeastMs, atMostMs }: BoundedMs): number {
  return Math.max(atMostMs - ms, ms - atLeastMs, 0);
}

export function roundInterval({ earliest, latest }: Interval): Interval {
  return { earliest: micro(earliest), latest: micro(latest) };
}

export function unknown(why: string): Unknown {
  return { unknown: why };
}

export function isUnknown<T>(value: OrUnknown<T>): value is Unknown {
  return typeof value === 'object' && value !== null && 'unknown' in value;
}
