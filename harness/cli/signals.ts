/** Ctrl-C and SIGTERM: the first asks for a tidy end, a later one ends at once. */
import { type ExitCode, InterruptedError } from '../errors.ts';

/** Under npm and sudo one Ctrl-C arrives twice: from the terminal and passed on by the parent. */
const SAME_PRESS_MS = 500;

export interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
}

/**
 * The signal that is aborted with an InterruptedError. SIGHUP (the terminal was closed) counts as SIGTERM.
 * `leave` is called for a second signal: nothing is tidied then.
 */
export function interruptible(
  source: SignalSource,
  options: { now: () => number; say: (line: string) => void; leave: (code: ExitCode) => void },
): AbortSignal {
  const controller = new AbortController();
  let firstMs: number | null = null;
  const listen = (on: NodeJS.Signals, name: 'SIGINT' | 'SIGTERM') =>
    source.on(on, () => {
      const error = new InterruptedError(name);
      if (firstMs === null) {
        firstMs = options.now();
        options.say('interrupted; tidying up (once more to leave at once)');
        controller.abort(error);
      } else if (options.now() - firstMs >= SAME_PRESS_MS) {
        options.say('left at once; run `sudo npx thaw clean` to remove what is left');
        options.leave(error.exitCode);
      }
    });
  listen('SIGINT', 'SIGINT');
  listen('SIGTERM', 'SIGTERM');
  listen('SIGHUP', 'SIGTERM');
  return controller.signal;
}
