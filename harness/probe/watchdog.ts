/**
 * Watches the probe's main thread from a thread of its own, in the normal class. A real-time process that needs
 * too much of a core takes it from the server that it measures; one that spins could take it for ever.
 */
import { readFileSync } from 'node:fs';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { becomeNormal } from './priority.ts';

export interface Watchdog {
  /** To be called about every second while the main thread is alive. */
  beat(): void;
  /** Whether real-time priority was taken away. */
  tamed(): boolean;
}

export interface WatchdogLimits {
  /** Share of a core, over a look's interval, above which real-time priority is given back. */
  cpuShare: number;
  lookEveryMs: number;
  /** A main thread that burns its CPU time and does not beat for so long is killed. */
  stuckMs: number;
  /** The process is killed when it is this old. */
  lifeMs: number;
}

const BEATS = 0;
const TAMED = 1;

export function startWatchdog(limits: WatchdogLimits): Watchdog {
  const shared = new Int32Array(new SharedArrayBuffer(8));
  startThread({ watchdog: true, shared, limits }).unref();
  return {
    beat: () => void Atomics.add(shared, BEATS, 1),
    tamed: () => Atomics.load(shared, TAMED) === 1,
  };
}

interface Orders {
  watchdog: true;
  shared: Int32Array;
  limits: WatchdogLimits;
}

/** This file once more, as a thread. From source it needs its loader again: threads do not inherit that. */
function startThread(orders: Orders): Worker {
  const options = { workerData: orders, resourceLimits: { maxOldGenerationSizeMb: 64 } };
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL(import.meta.url), options);
  const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const self = JSON.stringify(import.meta.url);
  return new Worker(`import(${loader}).then(({ tsImport }) => tsImport(${self}, ${self}))`, {
    ...options,
    eval: true,
  });
}

function watch({ shared, limits }: Orders): void {
  const bornMs = performance.now();
  let last = { atMs: bornMs, cpuMs: mainThreadCpuMs() };
  let alive = { beats: -1, atMs: bornMs };
  setInterval(() => {
    const atMs = performance.now();
    const cpuMs = mainThreadCpuMs();
    const share = (cpuMs - last.cpuMs) / (atMs - last.atMs);
    last = { atMs, cpuMs };
    const beats = Atomics.load(shared, BEATS);
    // Without CPU time it is not stuck but stopped, by a signal or by a machine that is busy elsewhere.
    if (beats !== alive.beats || share < limits.cpuShare) alive = { beats, atMs };
    if (atMs - alive.atMs > limits.stuckMs || atMs - bornMs > limits.lifeMs)
      process.kill(process.pid, 'SIGKILL');
    if (share > limits.cpuShare && Atomics.exchange(shared, TAMED, 1) === 0) void becomeNormal(process.pid);
  }, limits.lookEveryMs);
}

/**
 * CPU time of the main thread, the only one with a real-time class: what V8's own threads compile and collect
 * in the normal class takes nothing from anyone by force. Fields 14 and 15 of proc(5)'s stat, in ticks of 10 ms.
 */
function mainThreadCpuMs(): number {
  const stat = readFileSync(`/proc/${process.pid}/task/${process.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

if (!isMainThread && (workerData as Partial<Orders> | null)?.watchdog === true) watch(workerData as Orders);
