/**
 * A host made of namespaces on this machine. Commands enter the host's cgroups first and its namespaces
 * then: runc on cgroup v1 finds "its" cgroup by that of its caller.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { Host } from './host.ts';
import { type ProcessHostOptions, processHost } from './process-host.ts';
import { startTicks } from './process-tree.ts';

/** Where a command is to be. */
export interface InNamespaces {
  /** PID of the host's init, as this machine sees it. */
  initPid: number;
  /** Cgroup directories (as this machine sees them) that every command joins. */
  cgroups: readonly string[];
  /** Namespaces to enter, as flags of nsenter. */
  namespaces: readonly string[];
}

export interface NamespaceHostOptions extends InNamespaces, Omit<ProcessHostOptions, 'wrap' | 'get'> {}

export const HOST_NAMESPACES = ['--mount', '--net', '--uts', '--ipc', '--pid', '--cgroup'] as const;
export const CLIENT_NAMESPACES = ['--mount', '--net'] as const;

// Joins N cgroups ($1), then becomes nsenter with the rest.
const ENTER = `n=$1; shift
while [ "$n" -gt 0 ]; do echo 0 >"$1/cgroup.procs" || exit 125; shift; n=$((n-1)); done
exec nsenter "$@"`;

/** A command → the argv that this machine runs. */
export function entering({ initPid, cgroups, namespaces }: InNamespaces, argv: readonly string[]): string[] {
  const target = ['--target', String(initPid), ...namespaces];
  return ['/bin/sh', '-c', ENTER, 'thaw-enter', String(cgroups.length), ...cgroups, ...target, '--', ...argv];
}

export function namespaceHost({ initPid, cgroups, namespaces, ...rest }: NamespaceHostOptions): Host {
  const born = startTicks(initPid);
  // Another process may have its PID by now, and other namespaces with it.
  const lives = (): boolean => startTicks(initPid) === born;
  return processHost({
    ...rest,
    wrap: (argv) => (lives() ? entering({ initPid, cgroups, namespaces }, argv) : [...GONE, rest.name]),
    get: async (path, limitBytes) => (lives() ? readWhole(`/proc/${initPid}/root${path}`, limitBytes) : null),
  });
}

const GONE = ['/bin/sh', '-c', 'echo "host $1 has ended" >&2; exit 125', 'sh'];

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
