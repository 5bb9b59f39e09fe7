/**
 * A host made of namespaces on this machine. Commands enter the host's cgroups first and its namespaces
 * then: runc on cgroup v1 finds "its" cgroup by that of its caller.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import type { Clock } from '../clock.ts';
import type { HostName } from '../model.ts';
import { CommandError, type CommandResult, type Host, type HostProcess } from './host.ts';
import { COMMAND_ENV } from './local.ts';
import { killTree } from './process-tree.ts';
import type { Transcript } from './transcript.ts';

export interface NamespaceHostOptions {
  name: HostName;
  /** PID of the host's init, as this machine sees it. */
  initPid: number;
  /** Cgroup directories (as this machine sees them) that every command joins. */
  cgroups: readonly string[];
  /** Namespaces to enter, as flags of nsenter. */
  namespaces: readonly string[];
  clock: Clock;
  transcript: Transcript;
}

export const HOST_NAMESPACES = ['--mount', '--net', '--uts', '--ipc', '--pid', '--cgroup'] as const;
export const CLIENT_NAMESPACES = ['--mount', '--net'] as const;

// Joins N cgroups ($1), then becomes nsenter with the rest.
const ENTER = `n=$1; shift
while [ "$n" -gt 0 ]; do echo 0 >"$1/cgroup.procs" || exit 125; shift; n=$((n-1)); done
exec nsenter "$@"`;
// nsenter --wd is missing in older util-linux; this serves every host alike.
const IN_DIRECTORY = ['/bin/sh', '-c', 'cd -- "$1" && shift && exec "$@"', 'sh'];
const OUTPUT_LIMIT = 4 * 1024 * 1024;

export function namespaceHost(options: NamespaceHostOptions): Host {
  const { name, clock, transcript } = options;
  const enter = (argv: readonly string[], cwd: string | undefined): string[] => [
    '-c',
    ENTER,
    'thaw-enter',
    String(options.cgroups.length),
    ...options.cgroups,
    '--target',
    String(options.initPid),
    ...options.namespaces,
    '--',
    ...(cwd === undefined ? [] : [...IN_DIRECTORY, cwd]),
    ...argv,
  ];
  const start = (argv: readonly string[], cwd: string | undefined): ChildProcess =>
    spawn('/bin/sh', enter(argv, cwd), { env: COMMAND_ENV, stdio: ['pipe', 'pipe', 'pipe'] });

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
    async put(path, content, mode) {
      const temporary = `${path}.thaw-new`;
      const script = 'cat >"$1" && chmod "$2" "$1" && mv -f "$1" "$3"';
      await exec(['/bin/sh', '-c', script, 'sh', temporary, mode.toString(8), path], {
        timeoutMs: 30_000,
        input: content,
      });
    },
    async get(path, limitBytes) {
      return readWhole(`/proc/${options.initPid}/root${path}`, limitBytes);
    },
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

function statusOf(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? 128 + (signal === null ? 0 : (osConstants.signals[signal] ?? 0));
}

function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  // A command may end before it has read its input; its status tells the story.
  if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') throw error;
}

function readWhole(path: string, limitBytes: number): Buffer | null {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const size = Math.min(fstatSync(fd).size, limitBytes);
    const buffer = Buffer.alloc(size);
    let filled = 0;
    while (filled < size) {
      const n = readSync(fd, buffer, filled, size - filled, filled);
      if (n === 0) break;
      filled += n;
    }
    return buffer.subarray(0, filled);
  } finally {
    closeSync(fd);
  }
}
