/**
 * Puts a CRIU log on the common clock. CRIU stamps a line, then writes it (criu/log.c: print_ts, then write(2)), with
 * the time since it opened the log. While it wrote, the log's size was looked at from outside. So of each look:
 *   a line that was there was stamped before the look ended;
 *   of the lines of one process that were not there, the first may have been stamped already and held up before its
 *   write, for as long as the scheduler liked, but the second was stamped after the look began.
 * Both need no guess at how long CRIU takes; nor do the bounds of the command's own begin and end. The second rests on
 * knowing which process wrote a line: of lines that do not tell it, nothing is taken.
 */
import type { CommandSpan, Instant, Interval, LogLine, SizeReading } from '../model.ts';
import { interval } from './intervals.ts';

export interface Anchored extends Interval {
  /** The bounds contradict each other, as when the wall clock was set: the interval holds all that they say. */
  contradicted: boolean;
}

/** Tells when CRIU stamped `offsetMs` after it had opened the log; 0 is the log's zero. */
export type Anchor = (offsetMs: number) => Anchored;

/** An instant and the offset that a line had, known to be on one side of each other. */
interface Bound {
  instant: Instant;
  offsetMs: number;
}

/** Null for an empty log: nothing is to be placed then. */
export function anchor(
  log: readonly LogLine[],
  looks: readonly SizeReading[],
  command: Pick<CommandSpan, 'exec' | 'exit'>,
): Anchor | null {
  if (log.length === 0) return null;
  const written = greatestBefore(log);
  const unwritten = leastOfSeconds(log);
  const notBefore: Bound[] = [];
  const notAfter: Bound[] = [];
  for (const { beforeMs, afterMs, bytes } of looks) {
    const count = countWritten(log, bytes);
    const last = written[count - 1];
    const next = unwritten[count] as number;
    if (last !== undefined) notAfter.push({ instant: afterMs, offsetMs: last });
    if (next < Number.POSITIVE_INFINITY) notBefore.push({ instant: beforeMs, offsetMs: next });
  }
  const begun = { instant: command.exec.earliest, offsetMs: 0 };
  const ended = { instant: command.exit.latest, offsetMs: written.at(-1) as number };
  return (offsetMs) => {
    const from = (bound: Bound): Instant =>
      bound.instant + offsetMs - bound.offsetMs - drift(bound, offsetMs);
    const until = (bound: Bound): Instant =>
      bound.instant + offsetMs - bound.offsetMs + drift(bound, offsetMs);
    const earliest = Math.max(from(begun), ...notBefore.map(from));
    const latest = Math.min(until(ended), ...notAfter.map(until));
    if (earliest <= latest) return { earliest, latest, contradicted: false };
    return { ...interval(earliest, latest, from(begun), until(ended)), contradicted: true };
  };
}

/**
 * CRIU's offsets are differences of gettimeofday(2), each cut to a microsecond. The kernel lets NTP slew that clock by
 * at most 500 ppm. Faster changes and steps show as contradictions.
 */
function drift(bound: Bound, offsetMs: number): number {
  return 0.002 + Math.abs(offsetMs - bound.offsetMs) * 0.0005;
}

/** For each line the greatest offset up to it: several processes write one log, so offsets step back. */
function greatestBefore(log: readonly LogLine[]): number[] {
  let greatest = Number.NEGATIVE_INFINITY;
  return log.map(({ offsetMs }) => {
    greatest = Math.max(greatest, offsetMs);
    return greatest;
  });
}

/** For each place in the log the least offset of a line that the same process wrote after another from there on. */
function leastOfSeconds(log: readonly LogLine[]): number[] {
  const least: number[] = new Array(log.length + 1).fill(Number.POSITIVE_INFINITY);
  const firstOf = new Map<string, number>();
  let children = false;
  for (let i = log.length - 1; i >= 0; i--) {
    const { text, offsetMs } = log[i] as LogLine;
    // Each namespace is dumped by a child, and all of them write as CRIU itself does (criu/namespaces.c).
    if (CHILDREN_BEGIN.test(text)) children = false;
    const writer = children ? null : writerOf(text);
    if (CHILDREN_END.test(text)) children = true;
    const second = writer === null ? undefined : firstOf.get(writer);
    least[i] = Math.min(least[i + 1] as number, second ?? Number.POSITIVE_INFINITY);
    if (writer !== null) firstOf.set(writer, offsetMs);
  }
  return least;
}

const CHILDREN_BEGIN = /^Dumping .*'s namespaces$/;
const CHILDREN_END = /^Namespaces dump complete$/;
/**
 * Lines that do not tell who wrote them. `pie`: code inside the tasks, of which several threads may write at once.
 * `uns`: the user-namespace daemon and its callers (criu/namespaces.c). `cgroud`, spelt so: the cgroup daemon. `PID:`:
 * a task just forked, that still has its parent's prefix (criu/cr-restore.c, before log_init_by_pid).
 */
const ANYONES = /^(?:pie: |uns: |cgroupd: |cg: cgroud: |(?:\d+: )?PID: real )/;

/** Who wrote a line: '' for CRIU's main process, a PID for a restored task, null where it may have been another. */
export function writerOf(text: string): string | null {
  if (ANYONES.test(text)) return null;
  return /^\d+(?=: )/.exec(text)?.[0] ?? '';
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
