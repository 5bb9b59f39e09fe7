/** Places the lines of a CRIU log by their order alone: when its offsets cannot be trusted, its growth still can. */
import type { CommandSpan, Instant, Interval, LogLine, SizeReading } from '../model.ts';
import { writerOf } from './anchor.ts';

/** When CRIU stamped a line; null: when it opened the log. */
export type Place = (line: LogLine | null) => Interval;

/**
 * A line that a look found was stamped before that look ended. A process writes a line before it stamps its next one:
 * where a look did not find the line before of the same process, this one was stamped after the look began.
 */
export function byOrder(
  log: readonly LogLine[],
  looks: readonly SizeReading[],
  command: Pick<CommandSpan, 'exec' | 'exit'>,
): Place {
  const before = previousOfWriter(log);
  return (line) => {
    const previous = line === null ? undefined : before.get(line);
    const bytes = line?.endByte ?? 1;
    let earliest: Instant = command.exec.earliest;
    let latest: Instant = command.exit.latest;
    for (const look of looks) {
      if (look.bytes >= bytes) latest = Math.min(latest, look.afterMs);
      if (previous !== undefined && look.bytes < previous.endByte)
        earliest = Math.max(earliest, look.beforeMs);
    }
    return { earliest, latest: Math.max(earliest, latest) };
  };
}

function previousOfWriter(log: readonly LogLine[]): Map<LogLine, LogLine> {
  const last = new Map<string, LogLine>();
  const before = new Map<LogLine, LogLine>();
  for (const line of log) {
    const writer = writerOf(line.text);
    if (writer === null) continue;
    const previous = last.get(writer);
    if (previous !== undefined) before.set(line, previous);
    last.set(writer, line);
  }
  return before;
}
