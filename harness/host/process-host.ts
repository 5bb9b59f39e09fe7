/**
 * A host whose commands are processes of this machine: `wrap` says how a command gets to its place (into
 * namespaces, say).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants as osConstants } from 'node:os';
import type { Clock } from '../clock.ts';
import type { HostName } from '../model.ts';
import { CommandError, type CommandResult, type Host, type HostProcess } from './host.ts';
import { COMMAND_ENV } from './local.ts';
import { killTree } from './process-tree.ts';
import { PUT_LIMIT_MS, putArgv } from './put.ts';
import type { Transcript } from './transcript.ts';

export interface ProcessHostOptions {
  name: HostName;
  /** A command → the argv that this machine runs. */
  wrap(argv: readonly string[]): string[];
  get: Host['get'];
  /** Beside what every command gets. */
  env?: Record<string, string>;
  clock: Clock;
  transcript: Transcript;
}

// nsenter --wd is missing in older util-linux; this serves every place alike.
const IN_DIRECTORY = ['/bin/sh', '-c', 'cd -- "$1" && shift && exec "$@"', 'sh'];
const OUTPUT_LIMIT = 4 * 1024 * 1024;

export function processHost({ name, wrap, get, env, clock, transcript }: ProcessHostOptions): Host {
  const start = (argv: readonly string[], cwd: string | undefined): ChildProcess => {
    const [file, ...args] = wrap(cwd === undefined ? argv : [...IN_DIRECTORY, cwd, ...argv]);
    return spawn(file as string, args, {
      env: { ...COMMAND_ENV, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  };

  const exec: Host['exec'] = async (argv, { timeoutMs, cwd, input, allowFailure }) => {
    const startedMs = clock.now();
    const child = start(argv, cwd);
    child.stdin?.on('error', ignoreBrokenPipe);
    child.stdin?.end(input ?? '');
    const result = await collect(child, timeoutMs);
    const shown = result ?? { status: null, stdout: '', stderr: '' };
    transcript.record({ host: name, argv, startedMs, endedMs: clock.now(), ...shown });
    if (result === null || (result.status !== 0 && !allowFailure)) {
      throw new CommandError(name, argv, result, timeoutMs);
    }
    return result;
  };

  return {
    name,
    exec,
    spawn(argv, { cwd }): HostProcess {
      const child = start(argv, cwd);
      child.stdin?.on('error', ignoreBrokenPipe);
      if (child.stdin === null || child.stdout === null || child.stderr === null) {
        throw new Error('spawn without pipes');
      }
      return {
        stdin: child.stdin,
        stdout: child.stdout,
        stderr: child.stderr,
        exited: new Promise((resolve, reject) => {
          child.on('close', (code, signal) => resolve(statusOf(code, signal)));
          child.on('error', reject);
        }),
        kill: (signal) => child.pid !== undefined && killTree(child.pid, signal),
      };
    },
    async put(path, content, mode, limitMs = PUT_LIMIT_MS) {
      await exec(putArgv(path, mode), { timeoutMs: limitMs, input: content });
    },
    get,
  };
}

async function collect(child: ChildProcess, timeoutMs: number): Promise<CommandResult | null> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const keep = (list: Buffer[]) => {
    let size = 0;
    return (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= OUTPUT_LIMIT) list.push(chunk);
    };
  };
  child.stdout?.on('data', keep(out));
  child.stderr?.on('data', keep(err));
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    if (child.pid !== undefined) killTree(child.pid, 'SIGKILL');
  }, timeoutMs);
  try {
    const status = await new Promise<number>((resolve, reject) => {
      child.on('close', (code, signal) => resolve(statusOf(code, signal)));
      child.on('error', reject);
    });
    if (timedOut) return null;
    return { status, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
  } finally {
    clearTimeout(timer);
  }
}

/** 128 + the signal's number where one ended it, as a shell says it. */
export function statusOf(code: number | null, signal: string | null): number {
  return code ?? 128 + (osConstants.signals[signal as NodeJS.Signals] ?? 0);
}

function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  // A command may end before it has read its input; its status tells the story.
  if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') throw error;
}
