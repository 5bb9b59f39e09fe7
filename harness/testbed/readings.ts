/** Collects what was seen of CRIU's log and the container's freezer; only what tells something is kept. */
import type { FreezerReading, Readings, SizeReading } from '../model.ts';

const READINGS_KEPT = 48;

export interface Collector {
  size(reading: SizeReading): void;
  freezer(reading: FreezerReading): void;
  readings(): Readings;
}

export function collector(): Collector {
  const log: SizeReading[] = [];
  const freezer: FreezerReading[] = [];
  return {
    size(reading) {
      if (reading.bytes > 0 && reading.bytes !== log.at(-1)?.bytes) log.push(reading);
    },
    freezer(reading) {
      // Only the readings on both sides of a change count: of equal ones the first and the newest stay.
      const same = freezer.at(-1)?.frozen === reading.frozen && freezer.at(-2)?.frozen === reading.frozen;
      if (same) freezer.pop();
      freezer.push(reading);
    },
    readings: () => ({ log: thinned(log), freezer }),
  };
}

/** At most READINGS_KEPT: the narrowest, since those bound best, in their order. */
function thinned(readings: SizeReading[]): SizeReading[] {
  if (readings.length <= READINGS_KEPT) return readings;
  const width = (r: SizeReading): number => r.afterMs - r.beforeMs;
  const narrowest = new Set([...readings].sort((a, b) => width(a) - width(b)).slice(0, READINGS_KEPT));
  return readings.filter((reading) => narrowest.has(reading));
}
