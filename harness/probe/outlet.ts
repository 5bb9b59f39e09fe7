/** Lines to a pipe without ever waiting for its reader: Node's own stdout blocks when a pipe is full. */
import { write } from 'node:fs';

export interface Outlet {
  say(line: string): void;
  /** All that was said is in the pipe, or the reader is gone. */
  done(): Promise<void>;
}

export function openOutlet(fd: number): Outlet {
  let last: Promise<void> = Promise.resolve();
  return {
    say(line) {
      last = last.then(() => writeAll(fd, Buffer.from(`${line}\n`)));
    },
    done: () => last,
  };
}

/** A reader that is gone is told by the end of stdin, so errors end the write and nothing else. */
function writeAll(fd: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const next = (from: number): void => {
      write(fd, bytes, from, bytes.length - from, null, (error, written) => {
        if (error?.code === 'EAGAIN') setTimeout(next, 10, from);
        else if (error !== null || from + written === bytes.length) resolve();
        else next(from + written);
      });
    };
    next(0);
  });
}
