/** Lines of a file, read synchronously in chunks: constant memory, whatever its size. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { damaged } from './plain.ts';

export interface Line {
  text: string;
  /** From 1. */
  number: number;
  /** False for a last line without its newline: its writer was killed while it wrote. */
  complete: boolean;
}

/**
 * The lines of a file, read anew each time they are iterated; the file is closed when the iteration ends or is
 * broken off. UsageError where it cannot be read or a line is longer than any that Thaw writes.
 */
export function linesOf(path: string, limits = { chunk: CHUNK, line: LONGEST_LINE }): Iterable<Line> {
  return {
    *[Symbol.iterator]() {
      const fd = open(path);
      try {
        yield* lines(fd, path, limits);
      } finally {
        closeSync(fd);
      }
    },
  };
}

/** The same of what is in memory already. */
export function* linesIn(bytes: Buffer): Generator<Line> {
  let number = 1;
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(NEWLINE, start);
    const complete = end !== -1;
    yield { text: bytes.toString('utf8', start, complete ? end : bytes.length), number: number++, complete };
    start = complete ? end + 1 : bytes.length;
  }
}

/** Whether the last line of a file has no newline. */
export function isCutOff(path: string): boolean {
  const fd = open(path);
  try {
    const { size } = fstatSync(fd);
    const last = Buffer.alloc(1);
    return size > 0 && readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== NEWLINE;
  } finally {
    closeSync(fd);
  }
}

const CHUNK = 1 << 18;
/** A migration with its readings and a long error is far below. */
const LONGEST_LINE = 1 << 24;
const NEWLINE = 0x0a;

function* lines(fd: number, path: string, limits: { chunk: number; line: number }): Generator<Line> {
  const chunk = Buffer.alloc(limits.chunk);
  let rest: Buffer[] = [];
  let held = 0;
  let number = 1;
  const text = (end: Buffer): string =>
    (rest.length === 0 ? end : Buffer.concat([...rest, end])).toString('utf8');
  for (let read = readSync(fd, chunk); read > 0; read = readSync(fd, chunk)) {
    let start = 0;
    for (let end = indexOfNewline(chunk, start, read); end !== -1; end = indexOfNewline(chunk, start, read)) {
      yield { text: text(chunk.subarray(start, end)), number: number++, complete: true };
      [rest, held, start] = [[], 0, end + 1];
    }
    held += read - start;
    if (held > limits.line) throw damaged(`${path}:${number}`, `longer than ${limits.line} bytes`);
    rest.push(Buffer.from(chunk.subarray(start, read)));
  }
  if (held > 0) yield { text: text(Buffer.alloc(0)), number, complete: false };
}

function indexOfNewline(chunk: Buffer, start: number, end: number): number {
  const found = chunk.indexOf(NEWLINE, start);
  return found < end ? found : -1;
}

function open(path: string): number {
  let fd: number;
  try {
    // Without O_NONBLOCK the opening of a FIFO waits for a writer.
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw damaged(path, missing ? 'it is missing' : (error as Error).message);
  }
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw damaged(path, 'no file');
}
