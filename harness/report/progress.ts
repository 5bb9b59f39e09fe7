/** What happens now, while it happens. The only file of the report that writes, and only to the stream it is given. */
import { openBlock, type Screen } from './block.ts';
import { exactMs } from './numbers.ts';
import type { Style } from './style.ts';
import { safeText } from './text.ts';

/**
 * Where a run tells what it does. `step` and `status` make their text harmless; `line` takes what a renderer
 * made (`renderMigrationLine(…, progress.style)`). After `end` nothing is written any more.
 */
export interface Progress {
  /** How lines that go to `line` are to be rendered. */
  readonly style: Style;
  /** Announces long work before it begins, as a line; the function that it returns tells how long it took. */
  step(text: string): () => void;
  /** A line that stays. */
  line(text: string): void;
  /** A line that says how to read all that follow: told once, however many runs there are. */
  legend(text: string): void;
  /** What happens now: one line that is replaced, with the time since it was set. Not shown in a pipe. */
  status(text: string): void;
  /** In place of a status line, lines for the columns that there are; null: no more. Not asked for in a pipe. */
  view(lines: ((style: Style) => string[]) | null): void;
  /** Draws once more, and then nothing is computed, drawn or scheduled to be until `release`. */
  hold(): void;
  release(): void;
  /** Removes the status line. */
  end(): void;
}

export interface ProgressOptions {
  style: Style;
  /** Whether the stream is a terminal on which a line may be replaced. */
  live: boolean;
  /** Milliseconds on any monotonic clock. */
  now: () => number;
}

/** Progress that tells nothing. */
export function noProgress(): Progress {
  const nothing = () => {};
  return {
    style: { width: 80, colour: false },
    step: () => nothing,
    line: nothing,
    legend: nothing,
    status: nothing,
    view: nothing,
    hold: nothing,
    release: nothing,
    end: nothing,
  };
}

export function createProgress(stream: Screen, options: ProgressOptions): Progress {
  const { style, live, now } = options;
  const block = live ? openBlock(stream) : null;
  const legends = new Set<string>();
  let ended = false;
  const line = (text: string) => {
    if (ended) return;
    if (block === null) stream.write(`${text}\n`);
    else block.above(text);
  };
  const status = (text: string) => {
    const since = now();
    block?.show((columns) => [statusLine(text, now() - since, Math.min(style.width, columns))]);
  };
  const step = (text: string) => {
    const begun = now();
    line(safeText(text, style.width));
    if (!ended) status(text);
    let told = false;
    return () => {
      if (told) return;
      told = true;
      block?.show(null);
      line(`  done in ${secondsOf(now() - begun)}`);
    };
  };
  return {
    style,
    step,
    line,
    legend(text) {
      if (!legends.has(text)) line(text);
      legends.add(text);
    },
    status: (text) => (ended ? undefined : status(text)),
    view(lines) {
      if (!ended) block?.show(lines && ((columns) => lines({ ...style, width: columns })));
    },
    hold: () => block?.hold(),
    release: () => block?.release(),
    end() {
      block?.release();
      block?.show(null);
      ended = true;
    },
  };
}

/** `420 ms`, `4.3 s`, `23 s`, `2 min 3 s`, `8 h 5 min`, `2 d 3 h`. */
export function secondsOf(ms: number): string {
  if (ms < 1000) return exactMs(Math.round(ms)).replace(/\.0+ /, ' ');
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const [minutes, hours, days] = [60, 3_600, 86_400].map((each) => Math.floor(seconds / each)) as [
    number,
    number,
    number,
  ];
  if (hours === 0) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return days === 0 ? `${hours} h ${minutes % 60} min` : `${days} d ${hours % 24} h`;
}

/** With the time since it was set, so that a person sees that it lives. */
function statusLine(text: string, elapsedMs: number, columns: number): string {
  const time = elapsedMs >= 1000 ? `  ${secondsOf(elapsedMs)}` : '';
  return `  ${safeText(text, columns - 4 - time.length)}${time}`;
}
