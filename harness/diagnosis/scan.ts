/**
 * A log → the lines in it that tell of errors. One pass over chunks, with memory that does not grow with the log: of
 * each place in CRIU's source the first few lines are kept, and of all places so many.
 */
import type { ErrorLine, LogEvidence } from '../model.ts';
import { contentOf } from './content.ts';

/** Where in its source CRIU said something, such as `criu/sk-inet.c:188`; null where a line names no place. */
export function placeOf(text: string): string | null {
  return PLACE.exec(text)?.[1] ?? null;
}

/** `chunks` are the bytes of the log in order, cut anywhere. What is not UTF-8 becomes U+FFFD. */
export function scanLog(name: string, chunks: Iterable<Buffer>): LogEvidence {
  const scanner = openScanner(name);
  let rest: Buffer = EMPTY;
  for (const chunk of chunks) {
    const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = data.lastIndexOf(NEWLINE) + 1;
    if (end > 0) scanner.take(data.subarray(0, end));
    rest = data.subarray(end);
    // A line longer than any that CRIU writes is taken in pieces.
    if (rest.length > LONGEST) {
      scanner.take(rest);
      rest = EMPTY;
    }
  }
  if (rest.length > 0) scanner.take(rest);
  return scanner.evidence();
}

const PLACE = /\bError \(([^()\s]{1,200}:\d{1,6})\):/;
const NEWLINE = 0x0a;
const EMPTY = Buffer.alloc(0);
const LONGEST = 1 << 20;
/** Longer than any message of CRIU. */
const COLUMNS = 1_000;
/** Bytes in which a log tells what it is. */
const HEAD = 65_536;
const LINES_BEFORE = 3;
/** How many lines of one place are kept, and how many in all. */
const OF_A_PLACE = 5;
const IN_ALL = 400;

/** What stands in a line that tells of an error: in CRIU's logs, and in what runtimes and people write. */
const IN_CRIU_LOG = ['Error'];
const ELSEWHERE = ['rror', 'ailed', 'CRIU', 'criu', 'annot', "n't", 'not ', 'o such', 'o space', 'EOF'];
const SUCCEEDED = ['Dumping finished successfully', 'Restore finished successfully'];

interface Scanner {
  /** Whole lines, but for the last of the log. */
  take(lines: Buffer): void;
  evidence(): LogEvidence;
}

function openScanner(name: string): Scanner {
  const found: Omit<LogEvidence, 'content' | 'errors' | 'leftOut'> = {
    name,
    kind: kindByName(name),
    criu: null,
    kernel: null,
    succeeded: false,
  };
  const kept = keeper();
  let needles: readonly string[] | null = null;
  let head: Buffer = EMPTY;
  let number = 1;
  let earlier: Buffer = EMPTY;
  return {
    take(lines) {
      if (needles === null) {
        head = Buffer.from(lines.subarray(0, HEAD));
        needles = STAMP.test(lines.toString('latin1', 0, 4_096)) ? IN_CRIU_LOG : ELSEWHERE;
        Object.assign(found, versionsIn(head.toString()));
      }
      found.kind ??= kindByContent(lines);
      found.succeeded ||= SUCCEEDED.some((words) => lines.includes(words));
      number = collect(lines, { number, needles, earlier, kept });
      earlier = Buffer.from(lines.subarray(Math.max(0, lines.length - LINES_BEFORE * COLUMNS)));
    },
    evidence() {
      const { errors, leftOut } = kept.lines();
      const said = errors.map(({ text }) => text);
      return { ...found, content: contentOf(head, said), errors, leftOut };
    },
  };
}

/** Offsets at the start of CRIU's lines. */
const STAMP = /^\(\d{2,}\.\d{6}\)/m;

function kindByName(name: string): LogEvidence['kind'] {
  const file = name.split('/').at(-1) ?? '';
  if (/^(?:criu-)?(?:pre-)?dump\b.*\.log$/.test(file)) return 'dump';
  if (/^(?:criu-)?restore\b.*\.log$/.test(file)) return 'restore';
  if (/^lazy-pages\b.*\.log$/.test(file)) return 'lazy-pages';
  return file === 'output' ? 'runtime' : null;
}

const MARKS: readonly [LogEvidence['kind'], readonly string[]][] = [
  ['dump', ['Dumping FAILED', 'Dumping finished', 'Dumping processes (pid', 'Dumping task (pid']],
  ['restore', ['Restoring FAILED', 'Restore finished', 'Reading image tree', 'Forking task with']],
  ['lazy-pages', ['uffd: ', 'lazy-pages: ']],
];

function kindByContent(lines: Buffer): LogEvidence['kind'] {
  return MARKS.find(([, marks]) => marks.some((mark) => lines.includes(mark)))?.[0] ?? null;
}

/** CRIU's first lines: `Version: 4.2.1 (gitid 0)` and `Running on rhel01 Linux 6.18.44 #1 SMP …`. */
function versionsIn(head: string): Partial<Pick<LogEvidence, 'criu' | 'kernel'>> {
  return {
    criu: /\bVersion: (\d[\w.]{0,40})/.exec(head)?.[1] ?? null,
    kernel: /\bRunning on \S{1,200} Linux (\d[\w.+-]{0,80})/.exec(head)?.[1] ?? null,
  };
}

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
  const hits = needles.map(() => -1);
  const advance = (from: number): number => {
    let nearest = Number.POSITIVE_INFINITY;
    for (const [i, needle] of needles.entries()) {
      if ((hits[i] as number) < from) {
        const at = lines.indexOf(needle, from, 'latin1');
        hits[i] = at === -1 ? Number.POSITIVE_INFINITY : at;
      }
      nearest = Math.min(nearest, hits[i] as number);
    }
    return nearest;
  };
  let number = first;
  let counted = 0;
  for (let hit = advance(0); hit !== Number.POSITIVE_INFINITY; hit = advance(counted)) {
    const start = lines.lastIndexOf(NEWLINE, hit) + 1;
    const newline = lines.indexOf(NEWLINE, hit);
    const end = newline === -1 ? lines.length : newline;
    number += newlines(lines, counted, start);
    kept.add(textOf(lines.subarray(start, end)), number, () => linesBefore(lines, start, earlier));
    counted = newline === -1 ? lines.length : newline + 1;
    if (newline === -1) break;
    number++;
  }
  return number + newlines(lines, counted, lines.length);
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
  const near = lines.subarray(Math.max(0, start - LINES_BEFORE * COLUMNS), start);
  const bytes = near.length < LINES_BEFORE * COLUMNS ? Buffer.concat([earlier, near]) : near;
  const texts = bytes.toString('utf8').split('\n').slice(0, -1).slice(-LINES_BEFORE);
  return texts.map((text) => text.slice(0, COLUMNS));
}

/** Keeps a few lines of each place, so that a flood of one message hides no other. */
function keeper() {
  const errors: ErrorLine[] = [];
  const ofPlace = new Map<string, number>();
  let leftOut = 0;
  return {
    add(text: string, number: number, before: () => string[]): void {
      const place = placeOf(text) ?? text.replace(/\d+/g, '').slice(0, 60);
      const already = ofPlace.get(place) ?? 0;
      if (errors.length >= IN_ALL || already >= OF_A_PLACE) {
        leftOut++;
        return;
      }
      ofPlace.set(place, already + 1);
      errors.push({ number, text, before: before() });
    },
    lines: () => ({ errors, leftOut }),
  };
}
