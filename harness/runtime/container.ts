/** Starts and stops the container on a host, with no descriptor of ours in it. */
import { CommandError, type Host } from '../host/host.ts';
import { deleteArgv, runArgv } from './runc.ts';

// CRIU refuses descriptors that lead out of the container, so it begins with /dev/null on all three.
const DETACHED =
  'err=$1; shift; "$@" </dev/null >/dev/null 2>"$err"; s=$?; cat "$err" >&2; rm -f "$err"; exit $s';

/** `runc run -d` from the bundle directory. Rejects with a CommandError that holds what runc said. */
export async function startContainer(host: Host, container: { id: string; bundle: string }): Promise<void> {
  const errors = `/tmp/thaw-${container.id}.err`;
  const argv = ['/bin/sh', '-c', DETACHED, 'sh', errors, ...runArgv(container.id)];
  await host.exec(argv, { timeoutMs: 30_000, cwd: container.bundle });
}

/** Ends the container where it runs; a host that does not answer has nothing to end. */
export async function deleteContainer(host: Host, id: string): Promise<void> {
  try {
    await host.exec(deleteArgv(id), { timeoutMs: 10_000, allowFailure: true });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
  }
}
