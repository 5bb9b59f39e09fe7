/** A place: a process that holds namespaces open, and ends with the controller (see boot.ts). */
import { type ChildProcess, spawn } from 'node:child_process';
import { EnvironmentError } from '../../errors.ts';
import { COMMAND_ENV } from '../../host/local.ts';
import { childrenOf, killOne } from '../../host/process-tree.ts';
import { JOIN } from './boot.ts';

export interface Place {
  /** PID of the process whose namespaces they are, as this machine sees it. */
  pid: number;
  /** Ends the place and everything in it; returns when it is gone. */
  end(): Promise<void>;
}

export interface PlaceOptions {
  label: string;
  cgroups: readonly string[];
  argv: readonly string[];
  /** True where `unshare --fork` stands between: the namespaces are those of its child. */
  forks: boolean;
  timeoutMs: number;
}

/** Starts a place and waits until it says `ready`. */
export async function startPlace(options: PlaceOptions): Promise<Place> {
  const join = ['-c', JOIN, 'thaw-join', String(options.cgroups.length), ...options.cgroups];
  const child = spawn('/bin/sh', [...join, ...options.argv], {
    env: COMMAND_ENV,
    stdio: ['pipe', 'pipe', 'pipe'],
    // Not in the terminal's process group: Ctrl-C is for the controller, which ends places in its own order.
    detached: true,
  });
  child.stdin.on('error', () => {});
  await ready(child, options);
  const outer = child.pid as number;
  const pid = options.forks ? childrenOf(outer)[0] : outer;
  if (pid === undefined) throw new EnvironmentError(`${options.label} ended as soon as it had begun`);
  return { pid, end: () => end(child, pid) };
}

async function ready(child: ChildProcess, options: PlaceOptions): Promise<void> {
  let said = '';
  let complained = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complained = (complained + chunk).slice(-4_000);
  });
  const outcome = await new Promise<'ready' | 'ended' | 'late'>((resolve) => {
    const timer = setTimeout(() => resolve('late'), options.timeoutMs);
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk;
      if (said.includes('ready\n')) {
        clearTimeout(timer);
        resolve('ready');
      }
    });
    child.on('close', () => {
      clearTimeout(timer);
      resolve('ended');
    });
    child.on('error', () => resolve('ended'));
  });
  if (outcome === 'ready') return;
  if (child.pid !== undefined) killOne(-child.pid, 'SIGKILL');
  throw new EnvironmentError(
    `${options.label} could not be set up: ${outcome === 'late' ? `not ready within ${options.timeoutMs / 1000} s` : complained.trim() || 'it ended without a word'}`,
    'run `thaw doctor` to see what this machine lacks',
  );
}

async function end(child: ChildProcess, pid: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.stdin?.end();
  // Killing the PID namespace's init makes the kernel end everything in it.
  killOne(pid, 'SIGKILL');
  const timer = setTimeout(() => child.pid !== undefined && killOne(child.pid, 'SIGKILL'), 5_000);
  await gone;
  clearTimeout(timer);
}
