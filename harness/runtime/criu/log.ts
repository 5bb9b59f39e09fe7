/** CRIU's logs: lines such as `(00.239630) Unfreezing tasks into 2`, with seconds since the log was opened. */
import type { LogLine } from '../../model.ts';

/**
 * The lines of a log, in the order of the file (offsets of several processes may step back a little).
 *
 * A line without an offset (the rest of a longer message, or a process that cannot tell the time) belongs to
 * the line before: its text is added there after a newline, and `endByte` stays where the first line ended,
 * since only that was written at that offset. Before any offset was seen it is 0. Bytes that are not UTF-8
 * become U+FFFD; a last line without a newline ends where the file does. After LINES_AT_MOST the rest is not seen.
 */
export function parseLog(bytes: Buffer): LogLine[] {
  const lines: LogLine[] = [];
  let left = LINES_AT_MOST;
  for (let start = 0; start < bytes.length && left > 0; left--) {
    const newline = bytes.indexOf(0x0a, start);
    const endByte = newline === -1 ? bytes.length : newline + 1;
    const text = bytes.toString('utf8', start, newline === -1 ? bytes.length : newline);
    append(lines, text, endByte);
    start = endByte;
  }
  return lines;
}

/** The first lines that tell an error, in the order of the log, without those that are known to be harmless. */
export function firstErrors(log: readonly LogLine[], atMost = 5): string[] {
  const errors: string[] = [];
  for (const { text } of log) {
    for (const line of text.split('\n')) {
      if (errors.length === atMost) return errors;
      if (ERROR.test(line) && !HARMLESS.some((harmless) => line.includes(harmless))) errors.push(line.trim());
    }
  }
  return errors;
}

/** Some 80 MB of what CRIU says. A stranger's log may unpack to as many lines as it has bytes. */
export const LINES_AT_MOST = 1_000_000;

const OFFSET = /^\((\d+)\.(\d{6})\)[ ]*/;
/** CRIU's pr_err: `Error (criu/file.c:123): …`. */
const ERROR = /(?:^|\s)Error \([^)\s]+:\d+\):/;
const HARMLESS = [
  // CRIU raises its own limit and goes on where it may not.
  "Can't setup RLIMIT_NOFILE for self",
  // Said by a helper when its peer has died of another error, which is what matters.
  'cgroupd: recv req error',
];

function append(lines: LogLine[], text: string, endByte: number): void {
  const [stamp, seconds, micros] = OFFSET.exec(text) ?? [];
  if (stamp !== undefined) {
    const offsetMs = (Number(seconds) * 1_000_000 + Number(micros)) / 1_000;
    lines.push({ offsetMs, endByte, text: text.slice(stamp.length) });
    return;
  }
  const last = lines.at(-1);
  if (last === undefined) lines.push({ offsetMs: 0, endByte, text });
  else last.text += `\n${text}`;
}
