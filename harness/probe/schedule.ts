/**
 * The open loop: request n is due at start + n × period, whatever the server does.
 *
 * How a due time is met on a shared machine (measured, see bench/probe.ts): a timer until 1.5 ms before, then naps
 * of 0.1 ms between turns of the event loop, so that answers are taken in meanwhile. It never spins.
 */
export interface Schedule {
  stop(): void;
}

export interface ScheduleOptions {
  /** Milliseconds on the caller's clock. */
  startMs: number;
  periodMs: number;
  now(): number;
  /** Called for every due time, in order; several at once after a late wake-up, each with its own due time. */
  due(n: number, dueMs: number): void;
  /** Number of the first request. */
  first: number;
}

const NEAR_MS = 1.5;
const NAP_MS = 0.1;

export function runSchedule({ startMs, periodMs, now, due, first }: ScheduleOptions): Schedule {
  const nap = new Int32Array(new SharedArrayBuffer(4));
  let count = 0;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let immediate: NodeJS.Immediate | undefined;
  const turn = (): void => {
    if (stopped) return;
    for (let dueMs = startMs + count * periodMs; dueMs <= now(); dueMs = startMs + count * periodMs) {
      due(first + count, dueMs);
      count++;
      if (stopped) return;
    }
    const leftMs = startMs + count * periodMs - now();
    if (leftMs > NEAR_MS) {
      timer = setTimeout(turn, leftMs - NEAR_MS);
      return;
    }
    if (leftMs > 0) Atomics.wait(nap, 0, 0, Math.min(NAP_MS, leftMs));
    immediate = setImmediate(turn);
  };
  turn();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
      clearImmediate(immediate);
    },
  };
}
