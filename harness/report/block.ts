/** The lines at the bottom of a terminal that are drawn anew, below all lines that stay. */
import { createLogUpdate } from 'log-update';
import { columnsOf } from './text.ts';

/** A terminal as a stream: it tells its columns, and when they change. */
export type Screen = NodeJS.WritableStream & { columns?: number };

export interface Block {
  /** What is drawn from now on, from the columns that there are; null: nothing, and nothing is scheduled. */
  show(lines: ((columns: number) => string[]) | null): void;
  /** Writes above it. */
  above(text: string): void;
  /** Draws once more, then neither computes nor draws until `release`. */
  hold(): void;
  release(): void;
}

/** Slow enough to cost nothing, quick enough to be alive. */
const EVERY_MS = 500;
const IN_DOUBT = 80;

/** The cursor is never hidden, so that however the process ends, there is none to bring back. */
export function openBlock(stream: Screen): Block {
  const update = createLogUpdate(stream, { showCursor: true });
  let lines: ((columns: number) => string[]) | null = null;
  let drawn: string[] = [];
  let held = false;
  let timer: NodeJS.Timeout | null = null;

  const draw = () => {
    if (lines === null || held) return;
    drawn = lines(stream.columns ?? IN_DOUBT);
    update(drawn.join('\n'));
  };
  const clear = () => {
    update.clear();
    drawn = [];
  };
  // A terminal breaks lines that have become too long: it is these that must be erased.
  const resized = () => {
    if (held || drawn.length === 0) return;
    stream.write(erase(rowsOf(drawn, stream.columns ?? IN_DOUBT)));
    update.done();
    draw();
  };
  const rest = () => {
    if (timer !== null) clearInterval(timer);
    timer = null;
    stream.off('resize', resized);
  };

  return {
    show(wanted) {
      lines = wanted;
      if (wanted === null) {
        rest();
        clear();
        return;
      }
      if (timer === null) {
        timer = setInterval(draw, EVERY_MS).unref();
        stream.on('resize', resized);
      }
      draw();
    },
    above(text) {
      if (lines !== null) clear();
      stream.write(`${text}\n`);
      draw();
    },
    hold() {
      draw();
      held = true;
    },
    release() {
      held = false;
      draw();
    },
  };
}

function rowsOf(lines: readonly string[], columns: number): number {
  return lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(columnsOf(line) / columns)), 0);
}

/** From the line below the block up to its first, and all that is below. */
function erase(rows: number): string {
  return `\u001b[${rows}A\r\u001b[J`;
}
