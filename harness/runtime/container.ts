/** Starts and stops the container on a host, with no descriptor of ours in it. */
import { CommandError, type Host } from '../host/host.ts';
import { type ContainerName, deleteArgv, runArgv } from './commands.ts';

// CRIU refuses descriptors that lead out of the container, so it begins with /dev/null on all three; what the
// runtime has to say goes to a file of its own.
const DETACHED =
  'log=$(mktemp) || exit 126; runtime=$1; shift; "$runtime" --log "$log" "$@" </dev/null >/dev/null 2>&1; s=$?; cat "$log" >&2; rm -f "$log"; exit $s';

/** `runc run -d` from the bundle directory. Rejects with a CommandError that holds what the runtime said. */
export async function startContainer(
  host: Host,
  container: ContainerName & { bundle: string },
): Promise<void> {
  await host.exec(startArgv(container), { timeoutMs: 30_000, cwd: container.bundle });
}

/** `runc run -d` in a shell that keeps its descriptors away from the container. */
export function startArgv(container: ContainerName): string[] {
  const [runtime = '', ...words] = runArgv(container);
  return ['/bin/sh', '-c', DETACHED, 'sh', runtime, ...words];
}

/** Ends the container where it runs; a host that does not answer has nothing to end. */
export async function deleteContainer(host: Host, container: ContainerName): Promise<void> {
  try {
    await host.exec(deleteArgv(container), { timeoutMs: 10_000, allowFailure: true });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
  }
}
