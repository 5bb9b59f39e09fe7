/**
 * The open loop: request k of a stretch is due at its start + k × period, whatever the server does.
 *
 * The recipe for being on time without a spinning core: a timer to shortly before the due time, then naps of at
 * most 0.1 ms between turns of the event loop, so that answers are seen meanwhile.
 */
import type { Instant } from '../model.ts';

/** How this process waits; a fake in tests. */
export interface Waiting {
  now(): Instant;
  /** Calls back after about so many milliseconds; may be late by one or two. Returns its cancellation. */
  timer(callback: () => void, ms: number): () => void;
  /** Calls back in the next turn of the event loop, after input and output were looked at. */
  turn(callback: () => void): () => void;
  /** Blocks for so many milliseconds, precisely. */
  nap(ms: number): void;
}

/** What is done at the due times. */
export interface Load {
  send(n: number, due: Instant): void;
  /** Whether any answer is awaited. */
  inFlight(): boolean;
}

export interface Stretch {
  startMs: Instant;
  ratePerSecond: number;
  /** Number of its first request. */
  firstN: number;
}

/** A timer may fire this much before the due time; the rest is napped away. */
export const TIMER_MARGIN_MS = 1.5;
/** While answers are awaited, each nap delays the instant at which one is seen. */
export const NAP_IN_FLIGHT_MS = 0.1;
/** Otherwise each nap only costs the CPU time of a wake-up. */
export const NAP_IDLE_MS = 1;

/** When request `n` of a stretch is due. Not accumulated, so it does not drift. */
export function dueAt(stretch: Stretch, n: number): Instant {
  return stretch.startMs + ((n - stretch.firstN) * 1_000) / stretch.ratePerSecond;
}

/** How to spend the time until the next request is due. */
export function nextWait(leftMs: number, inFlight: boolean): { kind: 'timer' | 'nap'; ms: number } {
  // Timers have whole milliseconds: below one, there is nothing to wait for.
  const timerMs = Math.floor(leftMs - TIMER_MARGIN_MS);
  if (timerMs >= 1) return { kind: 'timer', ms: timerMs };
  return { kind: 'nap', ms: Math.max(0, Math.min(leftMs, inFlight ? NAP_IN_FLIGHT_MS : NAP_IDLE_MS)) };
}

export interface Schedule {
  /**
   * Sends what is due now. To be called wherever much work is done at once: answers that come in a bundle after
   * a stall would otherwise hold up the requests that are due meanwhile.
   */
  poke(): void;
  /** Ends the stretch; returns the number of the next request. */
  stop(): number;
}

/**
 * Sends each request when it is due, and all that are overdue at once after a late wake-up, each with its own
 * due time.
 */
export function runSchedule(stretch: Stretch, waiting: Waiting, load: Load): Schedule {
  let n = stretch.firstN;
  let stopped = false;
  let sending = false;
  let cancel = (): void => {};

  const poke = (): void => {
    // A request may end while it is sent, and poke again.
    if (sending) return;
    sending = true;
    for (let due = dueAt(stretch, n); !stopped && due <= waiting.now(); due = dueAt(stretch, n)) {
      load.send(n++, due);
    }
    sending = false;
  };

  let sentBefore = n;
  const turn = (): void => {
    if (stopped) return;
    poke();
    if (stopped) return;
    const wait = nextWait(dueAt(stretch, n) - waiting.now(), load.inFlight());
    if (wait.kind === 'timer') {
      cancel = waiting.timer(turn, wait.ms);
      return;
    }
    // What was just sent may need a turn before it is on the wire: no nap in between.
    if (n === sentBefore) waiting.nap(wait.ms);
    sentBefore = n;
    cancel = waiting.turn(turn);
  };

  cancel = waiting.turn(turn);
  return {
    poke,
    stop() {
      stopped = true;
      cancel();
      return n;
    },
  };
}

/** The real thing: Node's timers, and a futex that nobody wakes. */
export function realWaiting(now: () => Instant): Waiting {
  const never = new Int32Array(new SharedArrayBuffer(4));
  return {
    now,
    timer(callback, ms) {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
    turn(callback) {
      const immediate = setImmediate(callback);
      return () => clearImmediate(immediate);
    },
    nap: (ms) => void Atomics.wait(never, 0, 0, ms),
  };
}
