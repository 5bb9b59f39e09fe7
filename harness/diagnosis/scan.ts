/** A log → what it is, and what it tells of errors. One pass over chunks, with memory that does not grow with the log. */
import type { LogEvidence } from '../model.ts';
import { type Collector, openCollector } from './collect.ts';
import { contentOf } from './content.ts';

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

const NEWLINE = 0x0a;
const EMPTY = Buffer.alloc(0);
const LONGEST = 1 << 20;
/** Bytes in which a log tells what it is. */
const HEAD = 65_536;

/** What stands in a line that tells of an error: in CRIU's logs, and in what runtimes and people write. */
const IN_CRIU_LOG = ['Error'];
const ELSEWHERE = [
  'rror',
  'ailed',
  'CRIU',
  'criu',
  'annot',
  "n't",
  'not ',
  'o such',
  'o space',
  'nrecognized',
  'EOF',
];
const SUCCEEDED = ['Dumping finished successfully', 'Restore finished successfully'];

interface Scanner {
  /** Whole lines, but for the last of the log. */
  take(lines: Buffer): void;
  evidence(): LogEvidence;
}

function openScanner(name: string): Scanner {
  const found: Omit<LogEvidence, 'content' | 'errors'> = {
    name,
    kind: kindByName(name),
    criu: null,
    kernel: null,
    succeeded: false,
  };
  let head: Buffer = EMPTY;
  let collector: Collector | null = null;
  return {
    take(lines) {
      if (collector === null) {
        head = Buffer.from(lines.subarray(0, HEAD));
        collector = openCollector(STAMP.test(head.toString('latin1', 0, 4_096)) ? IN_CRIU_LOG : ELSEWHERE);
        Object.assign(found, versionsIn(head.toString()));
      }
      found.kind ??= kindByContent(lines);
      found.succeeded ||= SUCCEEDED.some((words) => lines.includes(words));
      collector.take(lines);
    },
    evidence() {
      const errors = collector?.errors ?? [];
      const said = errors.map(({ text }) => text);
      return { ...found, content: contentOf(head, said), errors };
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
