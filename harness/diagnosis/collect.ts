/**
 * Bytes of a log → the lines in it that tell of errors, with memory that does not grow with the log: of each place in
 * CRIU's source the first few lines are kept, and of all places so many. A flood costs little more than a search.
 */
import type { ErrorLine } from '../model.ts';

/** Where in its source CRIU said something, such as `criu/sk-inet.c:188`; null where a line names no place. */
export function placeOf(text: string): string | null {
  return PLACE.exec(text)?.[1] ?? null;
}

export interface Collector {
  /** Whole lines, but for the last of the log. */
  take(lines: Buffer): void;
  readonly errors: ErrorLine[];
}

/** `needles`: one of them stands in every line that tells of an error. ASCII. */
export function openCollector(needles: readonly string[]): Collector {
  const kept = keeper();
  let number = 1;
  let earlier: Buffer = Buffer.alloc(0);
  return {
    errors: kept.errors,
    take(lines) {
      if (kept.isFull()) return;
      number = collect(lines, { number, needles, earlier, kept });
      earlier = Buffer.from(lines.subarray(Math.max(0, lines.length - BYTES_BEFORE)));
    },
  };
}

const PLACE = /\bError \(([^()\s]{1,200}:\d{1,6})\):/;
const NEWLINE = 0x0a;
/** Longer than any message of CRIU. */
const COLUMNS = 1_000;
const LINES_BEFORE = 3;
const BYTES_BEFORE = LINES_BEFORE * COLUMNS;
/** How many lines of one place are kept, and how many in all. */
const OF_A_PLACE = 5;
const IN_ALL = 400;
/** How many lines are known again at sight. */
const UNWANTED = 1_000;

interface Region {
  /** Number of the first line. */
  number: number;
  needles: readonly string[];
  /** The end of what came before. */
  earlier: Buffer;
  kept: ReturnType<typeof keeper>;
}

/** Looks at the lines that hold a needle, and returns the number of the line after the last. */
function collect(lines: Buffer, { number: first, needles, earlier, kept }: Region): number {
  // One character a byte, so that positions are the same: a search in a string costs less than one in a buffer.
  const text = lines.toString('latin1');
  const next = searchOf(text, needles);
  let number = first;
  let counted = 0;
  let from = 0;
  for (let hit = next(0); hit !== Number.POSITIVE_INFINITY; hit = next(from)) {
    const newline = text.indexOf('\n', hit);
    const end = newline === -1 ? text.length : newline;
    from = end + 1;
    if (kept.isFloodAt(text, hit)) continue;
    const start = hit === 0 ? 0 : text.lastIndexOf('\n', hit - 1) + 1;
    if (!kept.wants(text.slice(start, Math.min(end, start + COLUMNS)))) {
      // The same again and again is passed over at once.
      const again = text.slice(start, end + 1);
      while (text.startsWith(again, from)) from += again.length;
      continue;
    }
    number += newlines(lines, counted, start);
    counted = start;
    kept.add({
      number,
      text: textOf(lines.subarray(start, end)),
      before: linesBefore(lines, start, earlier),
    });
  }
  return number + newlines(lines, counted, lines.length);
}

/** The nearest needle at or after a position, which never goes back; infinity where there is none. */
function searchOf(text: string, needles: readonly string[]): (from: number) => number {
  const hits = needles.map(() => -1);
  return (from) => {
    let nearest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < needles.length; i++) {
      if ((hits[i] as number) < from) {
        const at = text.indexOf(needles[i] as string, from);
        hits[i] = at === -1 ? Number.POSITIVE_INFINITY : at;
      }
      nearest = Math.min(nearest, hits[i] as number);
    }
    return nearest;
  };
}

function newlines(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE, from); at !== -1 && at < to; at = bytes.indexOf(NEWLINE, at + 1))
    count++;
  return count;
}

function textOf(line: Buffer): string {
  return line.toString('utf8', 0, COLUMNS).replace(/\r$/, '');
}

function linesBefore(lines: Buffer, start: number, earlier: Buffer): string[] {
  const near = lines.subarray(Math.max(0, start - BYTES_BEFORE), start);
  const bytes = near.length < BYTES_BEFORE ? Buffer.concat([earlier, near]) : near;
  const texts = bytes.toString('utf8').split('\n').slice(0, -1).slice(-LINES_BEFORE);
  return texts.map((text) => text.slice(0, COLUMNS));
}

/** Keeps a few lines of each place, so that a flood of one message hides no other. */
function keeper() {
  const errors: ErrorLine[] = [];
  const ofPlace = new Map<string, number>();
  /** As the last line that was not wanted names its place; null where it names none. */
  let flood: string | null = null;
  /** Lines without a place that were not wanted, as they were: most floods say the same again. */
  const unwanted = new Set<string>();
  return {
    errors,
    isFull: () => errors.length >= IN_ALL,
    isFloodAt: (text: string, at: number) => flood !== null && text.startsWith(flood, at),
    /** Counts `line`, one character a byte, as kept. */
    wants(line: string): boolean {
      if (unwanted.has(line)) return false;
      const place = placeOf(line);
      const key = place ?? line.slice(0, 200).replace(/\d+/g, '').slice(0, 60);
      const already = ofPlace.get(key) ?? 0;
      if (already >= OF_A_PLACE || errors.length >= IN_ALL) {
        flood = place === null ? flood : `Error (${place}):`;
        if (place === null && unwanted.size < UNWANTED) unwanted.add(line);
        return false;
      }
      ofPlace.set(key, already + 1);
      return true;
    },
    add(line: ErrorLine): void {
      errors.push(line);
    },
  };
}
