/** The controller's end of the probe. */
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { deferred } from '../deferred.ts';
import { EnvironmentError } from '../errors.ts';
import type { HostProcess } from '../host/host.ts';
import type { Instant, ProbeFacts } from '../model.ts';
import type { ProbeMessage, ProbeOptions } from './messages.ts';

export interface Probe {
  /** What the service's name resolved to in the client's place. */
  resolved: string;
  start(): void;
  /** Resolves when nothing is under way and no connection is open. */
  pause(): Promise<void>;
  resume(): void;
  /** When that host first answered after `afterMs`; null where it does not within the limit. */
  waitForHost(
    host: string,
    options: { timeoutMs: number; afterMs?: Instant },
  ): Promise<{ at: Instant } | null>;
  counts(): { answered: number; failed: number; dropped: number; host: string | null };
  stop(): Promise<ProbeFacts>;
  /** Rejects when the probe dies before it was told to stop; never resolves. */
  failed: Promise<never>;
}

const START_LIMIT_MS = 10_000;
const STOP_LIMIT_MS = 30_000;

/** Starts the probe by `spawn` (in the client's place) and waits until it is ready; EnvironmentError if not. */
export async function startProbe(
  spawn: (argv: string[]) => HostProcess,
  options: ProbeOptions,
): Promise<Probe> {
  const child = spawn([process.execPath, ...entry()]);
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk).slice(-4_000);
  });
  const ready = deferred<string>();
  const paused: (() => void)[] = [];
  const stopped = deferred<ProbeFacts>();
  const failed = deferred<never>();
  const changes: { host: string; at: Instant }[] = [];
  const waiting = new Set<() => void>();
  let counts: ReturnType<Probe['counts']> = { answered: 0, failed: 0, dropped: 0, host: null };

  const take = (message: ProbeMessage): void => {
    switch (message.type) {
      case 'ready':
        ready.resolve(message.resolved);
        break;
      case 'paused':
        for (const resolve of paused.splice(0)) resolve();
        break;
      case 'stopped':
        stopped.resolve(message.facts);
        break;
      case 'counts':
        counts = message;
        break;
      case 'error':
        complaint = message.message;
        break;
      case 'host':
        changes.push({ host: message.host, at: message.at });
        for (const look of waiting) look();
        break;
    }
  };
  createInterface({ input: child.stdout }).on('line', (line) => take(JSON.parse(line) as ProbeMessage));
  child.exited.then((status) => {
    const error = new EnvironmentError(
      `the probe ended (status ${status}): ${complaint.trim() || 'without a word'}`,
      'look for what ended it: memory, or a signal from outside',
    );
    for (const promise of [ready, stopped, failed]) promise.reject(error);
    for (const resolve of paused.splice(0)) resolve();
    for (const look of waiting) look();
  });
  const say = (line: string): void => void child.stdin.write(`${line}\n`);
  say(JSON.stringify(options));
  const resolved = await within(ready.promise, START_LIMIT_MS, () => {
    child.kill('SIGKILL');
    return new EnvironmentError(
      `the probe was not ready within ${START_LIMIT_MS / 1_000} s: ${complaint.trim()}`,
    );
  });
  return {
    resolved,
    start: () => say('start'),
    resume: () => say('resume'),
    pause() {
      say('pause');
      return new Promise((resolve) => paused.push(resolve));
    },
    waitForHost: (host, { timeoutMs, afterMs = 0 }) =>
      new Promise((resolve) => {
        const finish = (result: { at: Instant } | null): void => {
          clearTimeout(timer);
          waiting.delete(look);
          resolve(result);
        };
        const look = (): void => {
          const found = changes.find((change) => change.host === host && change.at >= afterMs);
          if (found !== undefined) finish({ at: found.at });
        };
        const timer = setTimeout(() => finish(null), timeoutMs);
        waiting.add(look);
        look();
      }),
    counts: () => counts,
    stop() {
      say('stop');
      return within(stopped.promise, STOP_LIMIT_MS, () => {
        child.kill('SIGKILL');
        return new EnvironmentError(`the probe did not stop within ${STOP_LIMIT_MS / 1_000} s`);
      });
    },
    failed: failed.promise,
  };
}

/** The built process beside this file, or its source run by tsx while developing. */
function entry(): string[] {
  const built = fileURLToPath(new URL('./process.js', import.meta.url));
  if (existsSync(built)) return [built];
  return ['--import', import.meta.resolve('tsx'), fileURLToPath(new URL('./process.ts', import.meta.url))];
}

async function within<T>(promise: Promise<T>, limitMs: number, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), limitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
