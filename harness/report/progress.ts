/** What happens now, while it happens. The only file of the report that writes, and only to the stream it is given. */
import { createLogUpdate } from 'log-update';
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
  /** What happens now: one line that is replaced, with the time since it was set. Not shown in a pipe. */
  status(text: string): void;
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
    status: nothing,
    end: nothing,
  };
}

export function createProgress(stream: NodeJS.WritableStream, options: ProgressOptions): Progress {
  const status = options.live ? liveStatus(stream, options) : { set() {}, clear() {}, resume() {} };
  let ended = false;
  const line = (text: string) => {
    if (ended) return;
    status.clear();
    stream.write(`${text}\n`);
    status.resume();
  };
  const step = (text: string) => {
    const begun = options.now();
    line(safeText(text, options.style.width));
    status.set(text);
    let told = false;
    return () => {
      if (told) return;
      told = true;
      status.set(null);
      line(`  done in ${secondsOf(options.now() - begun)}`);
    };
  };
  const end = () => {
    status.set(null);
    ended = true;
  };
  return {
    style: options.style,
    step,
    line,
    status: (text) => (ended ? undefined : status.set(text)),
    end,
  };
}

/** `0.4 s`, `23 s`, `2 min 3 s`. */
export function secondsOf(ms: number): string {
  if (ms < 1000) return exactMs(Math.round(ms)).replace(/\.0+ /, ' ');
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}

/** The status line: drawn anew each second, so that a person sees that it lives. */
function liveStatus(stream: NodeJS.WritableStream, { style, now }: ProgressOptions) {
  const update = createLogUpdate(stream, { showCursor: true });
  let current: { text: string; since: number } | null = null;
  let timer: NodeJS.Timeout | null = null;
  const draw = () => {
    if (current === null) return;
    const elapsed = now() - current.since;
    const time = elapsed >= 1000 ? `  ${secondsOf(elapsed)}` : '';
    update(`  ${safeText(current.text, style.width - 4 - time.length)}${time}`);
  };
  return {
    set(text: string | null) {
      current = text === null ? null : { text, since: now() };
      if (text === null) {
        update.clear();
        if (timer !== null) clearInterval(timer);
        timer = null;
        return;
      }
      timer ??= setInterval(draw, 1000).unref();
      draw();
    },
    clear: () => update.clear(),
    resume: draw,
  };
}
