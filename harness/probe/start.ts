/** The controller's end of the probe: starts its process in the client's place, and talks to it. */
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Deferred, deferred } from '../deferred.ts';
import { EnvironmentError, messageOf } from '../errors.ts';
import type { HostProcess } from '../host/host.ts';
import type { HostName, Instant, ProbeFacts } from '../model.ts';
import { commandLine, type ProbeCommand, type ProbeMessage, type ProbeOptions } from './protocol.ts';
import { isSample } from './sample-outlet.ts';
import { openSampleWriter, type SampleWriter } from './sample-writer.ts';

export interface Probe {
  /** What the service's name resolved to in the client's place. */
  readonly resolved: string;
  start(): void;
  /** Resolves when no request is in flight, no connection is open, and every sample is on disk. */
  pause(): Promise<void>;
  /** Goes on with a new stretch of due times. */
  resume(): Promise<void>;
  /** The samples so far become a file of that name, on disk when it resolves; later ones go where they went before. */
  rotate(to: string): Promise<void>;
  /**
   * Waits until that host has answered, with status 200, at or after `afterMs`, and the sample that says so can
   * be read from the file; null where that does not happen within the limit.
   */
  waitForHost(
    host: string,
    options: { timeoutMs: number; afterMs?: Instant },
  ): Promise<{ at: Instant } | null>;
  /** As last told by the probe, about 4 times a second; `host` is the one that answered last. */
  counts(): { answered: number; failed: number; dropped: number; host: string | null };
  /** Ends the probe; takes up to the limit of a request, since those in flight are waited for. */
  stop(): Promise<ProbeFacts>;
  /** Ends its process at once, as a fault on purpose; `failed` tells of it. */
  kill(): void;
  /** Rejects with an EnvironmentError when the probe dies without having been stopped; never resolves. */
  readonly failed: Promise<never>;
}

const READY_LIMIT_MS = 15_000;
/** Over the limit of one request, which the probe waits for when it pauses or stops. */
const REPLY_LIMIT_MS = 15_000;

/**
 * Starts the probe by `spawn`, in the client's place, and waits until it is ready to send.
 * EnvironmentError where it does not come up; a probe that dies later rejects `failed` and every later call.
 */
export async function startProbe(
  spawn: (argv: string[]) => HostProcess,
  options: ProbeOptions,
  remote: RemotePlace | null = null,
): Promise<Probe> {
  const kept = remote === null ? null : await keptHere(options.samplesFile);
  const there = remote === null ? options : { ...options, samplesFile: '-', originNs: await remote.begin() };
  const session = openSession(spawn(remote === null ? probeArgv() : [...remote.argv]), kept);
  session.tell(JSON.stringify(there).concat('\n'));
  const replyLimitMs = options.timeoutMs + REPLY_LIMIT_MS;
  const resolved = await session.within(session.ready.promise, READY_LIMIT_MS, 'was not ready');
  let facts: Promise<ProbeFacts> | null = null;
  const say = (command: ProbeCommand): void => session.tell(commandLine(command));
  return {
    resolved,
    start() {
      session.check();
      say({ command: 'start' });
    },
    async pause() {
      session.check();
      const paused = session.expectPaused();
      say({ command: 'pause' });
      await session.within(paused, replyLimitMs, 'did not pause');
    },
    resume() {
      say({ command: 'resume' });
      // Not everyone waits for it, and who does not hears of a death by `failed`.
      const resumed = (async () => session.check())();
      resumed.catch(() => {});
      return resumed;
    },
    async rotate(to) {
      session.check();
      if (kept !== null) return kept.rotate(to);
      const rotated = session.expectRotated();
      say({ command: 'rotate', to });
      await session.within(rotated, REPLY_LIMIT_MS, 'did not begin a new file');
    },
    async waitForHost(host, { timeoutMs, afterMs = Number.MIN_SAFE_INTEGER }) {
      session.check();
      const { id, seen } = session.expectHost();
      say({ command: 'watch', id, host, afterMs });
      return session.unlessLate(seen, timeoutMs);
    },
    counts: () => ({ ...session.counts }),
    stop() {
      facts ??= (async () => {
        session.check();
        say({ command: 'stop' });
        const told = await session.within(session.stopped.promise, replyLimitMs, 'did not stop');
        await session.within(session.exited, REPLY_LIMIT_MS, 'did not end after it had stopped');
        if (kept === null || remote === null) return told;
        await kept.close();
        return { ...told, on: { host: remote.name, clockMs: await remote.uncertainty() } };
      })();
      return facts;
    },
    kill: session.kill,
    failed: session.failed.promise,
  };
}

interface Session {
  ready: Deferred<string>;
  stopped: Deferred<ProbeFacts>;
  failed: Deferred<never>;
  exited: Promise<void>;
  counts: ReturnType<Probe['counts']>;
  tell(text: string): void;
  kill(): void;
  /** Throws what the probe died of. */
  check(): void;
  expectPaused(): Promise<void>;
  expectRotated(): Promise<void>;
  expectHost(): { id: number; seen: Promise<{ at: Instant }> };
  /** The result; a death of the probe is an error, and so is the limit, after which the probe is killed. */
  within<T>(result: Promise<T>, limitMs: number, what: string): Promise<T>;
  /** The result, or null after the limit; a death of the probe is an error. */
  unlessLate<T>(result: Promise<T>, limitMs: number): Promise<T | null>;
}

/** A client that is a machine of its own and has the probe's program, as testbed/remote/client.ts makes it ready. */
export interface RemotePlace {
  name: HostName;
  argv: readonly string[];
  /** Reads its clock: its CLOCK_MONOTONIC at the origin of all instants, in nanoseconds, as a decimal string. */
  begin(): Promise<string>;
  /** By how many milliseconds its instants may be off on the common clock; null where its clock does not answer. */
  uncertainty(): Promise<number | null>;
}

interface Kept extends SampleWriter {
  /** Rejects when a sample could not be kept. */
  failed: Promise<never>;
}

async function keptHere(samplesFile: string): Promise<Kept> {
  const failed = deferred<never>();
  failed.promise.catch(() => {});
  const writer = await openSampleWriter(samplesFile, failed.reject);
  return { ...writer, failed: failed.promise };
}

/** `kept`: where samples that come among the messages go. */
function openSession(child: HostProcess, kept: Kept | null): Session {
  const ready = deferred<string>();
  const stopped = deferred<ProbeFacts>();
  const failed = deferred<never>();
  // A promise that stays open keeps all that ever raced against it: who waits is told, and then forgotten.
  const waiting = new Set<(death: EnvironmentError) => void>();
  const exited = deferred<void>();
  const pauses: Deferred<void>[] = [];
  const rotations: Deferred<void>[] = [];
  const watches = new Map<number, Deferred<{ at: Instant }>>();
  const counts: Session['counts'] = { answered: 0, failed: 0, dropped: 0, host: null };
  let complaint = '';
  let death: EnvironmentError | null = null;
  let isStopped = false;
  let lastWatch = 0;

  const die = (how: string): void => {
    if (death !== null || isStopped) return;
    const said = complaint.trim();
    death = new EnvironmentError(
      `the probe ${how}${said === '' ? '' : `\n  ${said.split('\n').slice(-6).join('\n  ')}`}`,
    );
    failed.reject(death);
    for (const tell of waiting) tell(death);
  };
  const unlessLate = <T>(result: Promise<T>, limitMs: number): Promise<{ value: T } | null> =>
    new Promise((resolve, reject) => {
      if (death !== null) return reject(death);
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        waiting.delete(onDeath);
        act();
      };
      const onDeath = (cause: EnvironmentError): void => settle(() => reject(cause));
      const timer = setTimeout(() => settle(() => resolve(null)), limitMs);
      waiting.add(onDeath);
      result.then(
        (value) => settle(() => resolve({ value })),
        (error) => settle(() => reject(error)),
      );
    });
  const take = (message: ProbeMessage): void => {
    switch (message.type) {
      case 'ready':
        ready.resolve(message.resolved);
        break;
      case 'host':
        counts.host = message.host;
        break;
      case 'counts':
        counts.answered = message.answered;
        counts.failed = message.failed;
        counts.dropped = message.dropped;
        break;
      case 'seen':
        watches.get(message.id)?.resolve({ at: message.at });
        watches.delete(message.id);
        break;
      case 'paused':
        pauses.shift()?.resolve();
        break;
      case 'rotated':
        rotations.shift()?.resolve();
        break;
      case 'stopped':
        isStopped = true;
        stopped.resolve(message.facts);
        break;
      case 'error':
        complaint += `${message.message}\n`;
        break;
    }
  };

  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk).slice(-4_000);
  });
  // A pipe to a process that has died: its exit tells more.
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => {});
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (kept !== null && isSample(line)) {
      kept.write(`${line}\n`);
      return;
    }
    const message = messageIn(line);
    if (message === null) complaint += `${line}\n`;
    // What these tell of must be in the file.
    else if (kept !== null && (message.type === 'seen' || message.type === 'paused')) {
      kept.flush().then(
        () => take(message),
        () => {},
      );
    } else take(message);
  });
  kept?.failed.catch((error) => {
    die(`has no place for its samples: ${messageOf(error)}`);
    child.kill('SIGKILL');
  });
  child.exited.then(
    (status) => {
      die(`died: exit ${status}`);
      exited.resolve();
    },
    (error) => {
      die(`could not be started: ${messageOf(error)}`);
      exited.resolve();
    },
  );

  return {
    ready,
    stopped,
    failed,
    exited: exited.promise,
    counts,
    tell: (text) => void child.stdin.write(text),
    kill: () => child.kill('SIGKILL'),
    check() {
      if (death !== null) throw death;
    },
    expectPaused: () => expectNext(pauses),
    expectRotated: () => expectNext(rotations),
    expectHost() {
      const seen = deferred<{ at: Instant }>();
      watches.set(++lastWatch, seen);
      return { id: lastWatch, seen: seen.promise };
    },
    async within(result, limitMs, what) {
      const inTime = await unlessLate(result, limitMs);
      if (inTime !== null) return inTime.value;
      die(`${what} within ${limitMs / 1_000} s`);
      child.kill('SIGKILL');
      throw death;
    },
    unlessLate: async (result, limitMs) => (await unlessLate(result, limitMs))?.value ?? null,
  };
}

function expectNext(waiting: Deferred<void>[]): Promise<void> {
  const next = deferred<void>();
  waiting.push(next);
  return next.promise;
}

/** Null for what Node or a loader prints on its own account. */
function messageIn(line: string): ProbeMessage | null {
  try {
    return JSON.parse(line) as ProbeMessage;
  } catch {
    return null;
  }
}

/**
 * Short collections by the main thread alone: V8's usual young generation of 16 MiB and its helper threads make
 * pauses of up to 10 ms at 1,000 fresh connections a second.
 */
const V8_FLAGS = ['--single-threaded-gc', '--max-semi-space-size=1'];

/** The built process beside this file; from source, Node with tsx as its loader. */
function probeArgv(): string[] {
  const fromSource = import.meta.url.endsWith('.ts');
  const entry = fileURLToPath(new URL(fromSource ? 'process.ts' : 'process.js', import.meta.url));
  const node = [process.execPath, ...V8_FLAGS];
  if (!fromSource) return [...node, entry];
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return [...node, '--import', loader, entry];
}
