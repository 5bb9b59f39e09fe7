/**
 * Puts a CRIU log on the common clock. CRIU counts from the instant at which it opened the log: the log's zero.
 *
 * While CRIU wrote, the log's size was looked at from outside. At some instant of such a look the lines up to that
 * size had been written and the next had not. A line is written after its offset was read, so
 *   zero ≤ end of the look − offset of a line that was there          (always true)
 *   zero ≥ begin of the look − offset of a line that was not − delay  (true if CRIU wrote it within `delay`)
 * CRIU may be held up between reading the clock and writing, for longer than any allowance: a lower bound that
 * contradicts an upper one is such a case and is left out.
 */
import type { CommandSpan, Interval, LogLine, SizeReading } from '../model.ts';

/** What CRIU may take from reading its clock to write(2), unless it is preempted. */
const WRITE_DELAY_MS = 0.2;

/** The interval in which the log was opened; null for an empty log. */
export function logZero(
  log: readonly LogLine[],
  readings: readonly SizeReading[],
  command: Pick<CommandSpan, 'exec' | 'exit'>,
): Interval | null {
  if (log.length === 0) return null;
  const offsets = log.map(({ offsetMs }) => offsetMs);
  const { prefixMax, suffixMin } = extremes(offsets);
  const uppers = [command.exit.latest - (prefixMax.at(-1) as number)];
  const lowers: number[] = [];
  for (const reading of readings) {
    const written = countWritten(log, reading.bytes);
    const latestWritten = prefixMax[written - 1];
    const earliestUnwritten = suffixMin[written];
    if (latestWritten !== undefined) uppers.push(reading.afterMs - latestWritten);
    if (earliestUnwritten !== undefined) lowers.push(reading.beforeMs - earliestUnwritten - WRITE_DELAY_MS);
  }
  const latest = Math.min(...uppers);
  const possible = lowers.filter((lower) => lower <= latest);
  return { earliest: Math.min(latest, Math.max(command.exec.earliest, ...possible)), latest };
}

/** Several processes write one log, and their offsets may step back: bounds take the extreme of each side. */
function extremes(offsets: readonly number[]): { prefixMax: number[]; suffixMin: number[] } {
  const prefixMax: number[] = [];
  const suffixMin: number[] = new Array(offsets.length);
  let greatest = Number.NEGATIVE_INFINITY;
  for (const offset of offsets) {
    greatest = Math.max(greatest, offset);
    prefixMax.push(greatest);
  }
  let least = Number.POSITIVE_INFINITY;
  for (let i = offsets.length - 1; i >= 0; i--) {
    least = Math.min(least, offsets[i] as number);
    suffixMin[i] = least;
  }
  return { prefixMax, suffixMin };
}

/** How many lines had been written whole when the file had that size. */
function countWritten(log: readonly LogLine[], bytes: number): number {
  let low = 0;
  let high = log.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((log[mid] as LogLine).endByte <= bytes) low = mid + 1;
    else high = mid;
  }
  return low;
}
