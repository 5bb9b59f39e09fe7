/** Instants of a run as others count time. */
import type { Instant, RunHead } from '../../model.ts';

/** Milliseconds since the epoch, by the controller's wall clock as it stood when the run began. */
export function epochMs({ originNs, wallOffsetMs }: RunHead, instant: Instant): number {
  return Math.round(Number(originNs) / 1e6 + wallOffsetMs + instant);
}

/** To the nanosecond, so that a value is written as it was recorded. */
export function seconds(ms: number): number {
  return Math.round(ms * 1e6) / 1e9;
}
