/** When a container's freezer changed, by looks at it: after the last look before, before the first look after. */
import type { FreezerReading, Interval } from '../model.ts';

/** Each turn to frozen. */
export function freezes(readings: readonly FreezerReading[]): Interval[] {
  return turns(readings, true);
}

/** Each turn to running. */
export function thaws(readings: readonly FreezerReading[]): Interval[] {
  return turns(readings, false);
}

function turns(readings: readonly FreezerReading[], to: boolean): Interval[] {
  return readings.flatMap((reading, i) => {
    const previous = readings[i - 1];
    return reading.frozen === to && previous?.frozen === !to
      ? [{ earliest: previous.beforeMs, latest: reading.afterMs }]
      : [];
  });
}
