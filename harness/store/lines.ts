/** Lines of a file, read synchronously in chunks: constant memory, whatever its size. */
import { closeSync, openSync, readSync } from 'node:fs';

const CHUNK = 1 << 18;

export interface Line {
  text: string;
  number: number;
  /** False for a last line without its newline: its writer was killed while it wrote. */
  complete: boolean;
}

/** Yields each line; a file that is not there has none. */
export function* linesOf(path: string): Generator<Line> {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    yield* lines(fd);
  } finally {
    closeSync(fd);
  }
}

function* lines(fd: number): Generator<Line> {
  const chunk = Buffer.alloc(CHUNK);
  let rest = Buffer.alloc(0);
  let number = 1;
  for (let read = readSync(fd, chunk); read > 0; read = readSync(fd, chunk)) {
    const buffer =
      rest.length === 0 ? chunk.subarray(0, read) : Buffer.concat([rest, chunk.subarray(0, read)]);
    let start = 0;
    for (let end = buffer.indexOf(10); end !== -1; end = buffer.indexOf(10, start)) {
      yield { text: buffer.toString('utf8', start, end), number: number++, complete: true };
      start = end + 1;
    }
    rest = Buffer.from(buffer.subarray(start));
  }
  if (rest.length > 0) yield { text: rest.toString('utf8'), number, complete: false };
}
