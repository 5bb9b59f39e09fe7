/** Starts and stops the container on a host, with no descriptor of ours in it. */
import { CommandError, type Host } from '../host/host.ts';
import { deleteArgv, runArgv } from './runc.ts';

// CRIU refuses descriptors that lead out of the container, so it begins with /dev/null on all three; what runc has
// to say goes to a file of its own.
const DETACHED =
  'log=$1; shift; runc --log "$log" "$@" </dev/null >/dev/null 2>&1; s=$?; cat "$log" >&2; rm -f "$log"; exit $s';

/** `runc run -d` from the bundle directory. Rejects with a CommandError that holds what runc said. */
export async function startContainer(host: Host, container: { id: string; bundle: string }): Promise<void> {
  await host.exec(startArgv(container.id), { timeoutMs: 30_000, cwd: container.bundle });
}

/** `runc run -d` in a shell that keeps its descriptors away from the container. */
export function startArgv(id: string): string[] {
  return ['/bin/sh', '-c', DETACHED, 'sh', `/tmp/thaw-${id}.log`, ...runArgv(id).slice(1)];
}

/** Ends the container where it runs; a host that does not answer has nothing to end. */
export async function deleteContainer(host: Host, id: string): Promise<void> {
  try {
    await host.exec(deleteArgv(id), { timeoutMs: 10_000, allowFailure: true });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
  }
}
