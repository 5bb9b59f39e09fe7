/**
 * A host's clock, put on the common clock. Hosts in namespaces share the controller's CLOCK_MONOTONIC. That of any
 * other host is read over an open channel, again and again: it had the value that came back at some instant between
 * question and answer. The reading with the shortest round trip bounds it best.
 */
import type { Clock } from '../clock.ts';
import type { ClockReading, Instant, Interval } from '../model.ts';

export interface HostClock {
  /** When that host's CLOCK_MONOTONIC showed this many nanoseconds, by all readings so far; null without any. */
  toCommon(ns: bigint): Interval | null;
  /** Reads the clock anew; the best of some readings is kept. A host that does not answer leaves none. */
  read(): Promise<void>;
  /** The readings kept since they were last taken; empty where the clock is the controller's own. */
  take(): ClockReading[];
}

/** The clock of a host that shares the controller's kernel. */
export function sharedClock(clock: Clock): HostClock {
  return {
    toCommon(ns) {
      const at = clock.fromNs(ns);
      return { earliest: at, latest: at };
    },
    read: async () => {},
    take: () => [],
  };
}

/**
 * Two oscillators of computers differ by less than 100 ppm; a guest that measured its own frequency at boot, by more.
 * NTP turns a clock by at most 500 ppm. Between two readings only the change of the rate counts.
 */
const RATE_PPM = 500;
const RATE_CHANGE_PPM = 50;

/**
 * When a host's clock showed `ns`. Between two readings the rate is taken as steady, so the bounds are interpolated;
 * outside of them they open at the rate that clocks can differ by. Pure; null without readings.
 */
export function placed(readings: readonly ClockReading[], ns: bigint): Interval | null {
  const before = readings.findLast(({ hostNs }) => BigInt(hostNs) <= ns);
  const after = readings.find(({ hostNs }) => BigInt(hostNs) > ns);
  if (before === undefined || after === undefined) {
    const only = before ?? after;
    return only === undefined ? null : beyond(only, ns);
  }
  const sinceMs = ms(ns - BigInt(before.hostNs));
  const untilMs = ms(BigInt(after.hostNs) - ns);
  const share = sinceMs / (sinceMs + untilMs || 1);
  const slackMs = (Math.min(sinceMs, untilMs) * RATE_CHANGE_PPM) / 1e6;
  const between = (a: Instant, b: Instant): Instant => a + (b - a) * share;
  return {
    earliest: between(before.askedMs + sinceMs, after.askedMs - untilMs) - slackMs,
    latest: between(before.answeredMs + sinceMs, after.answeredMs - untilMs) + slackMs,
  };
}

function beyond({ askedMs, answeredMs, hostNs }: ClockReading, ns: bigint): Interval {
  const awayMs = ms(ns - BigInt(hostNs));
  const slackMs = (Math.abs(awayMs) * RATE_PPM) / 1e6;
  return { earliest: askedMs + awayMs - slackMs, latest: answeredMs + awayMs + slackMs };
}

function ms(ns: bigint): number {
  return Number(ns) / 1e6;
}
