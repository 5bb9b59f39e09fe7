/**
 * A root file system of its own on a machine that is reached over SSH: a mount and a PID namespace there, in which the
 * commands of a run are run. The machine itself has none of it: when the connection ends, in whatever way, `cat` ends, the
 * namespace's init ends, and the kernel takes its processes and mounts with it.
 */
import { createInterface } from 'node:readline';
import { EnvironmentError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { SANITIZER_DIRECTORY } from '../../runtime/sanitizers.ts';
import type { Scope } from '../../scope.ts';

const START_LIMIT_MS = 60_000;

/** Where it is put together. In the machine's own view an empty directory. */
export const PLACE = '/run/thaw-place';

/**
 * A constant: `PLACE LOWER SANITIZER`. The machine's devices, /sys and share are seen inside; /run and /tmp are its own, as
 * what CRIU remembers of a kernel lies in /run, and each version has its own way to write it.
 */
const ENTER = `set -eu
at=$1 lower=$2 sanitizer=$3
read -r pid rest </proc/self/stat
mkdir -p -m 0700 "$at"
mount -t tmpfs -o mode=755 thaw-place "$at"
mkdir "$at/upper" "$at/work" "$at/root"
root="$at/root"
mount -t overlay -o "lowerdir=$lower,upperdir=$at/upper,workdir=$at/work" overlay "$root"
mkdir -p "$root/proc" "$root/sys" "$root/dev" "$root/run" "$root/tmp" "$root/runc"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount --rbind /runc "$root/runc"
mount -t tmpfs -o mode=755 run "$root/run"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
mkdir -m 1777 "$root$sanitizer"
cd "$root"; mkdir -p .machine; pivot_root . .machine
exec chroot . /bin/sh -c 'umount -l /.machine && rmdir /.machine && echo "place $1" && cat >/dev/null; :' sh "$pid"`;

/** `layers`: directories on the machine, the topmost first. `enter`: the words that lead a command into it. */
export async function startPlace(
  host: Host,
  layers: readonly string[],
  { scope, signal }: { scope: Scope; signal: AbortSignal },
): Promise<{ pid: string; enter: string[] }> {
  const unshare = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private', '--'];
  const script = ['/bin/sh', '-c', ENTER, 'thaw-place', PLACE, layers.join(':'), SANITIZER_DIRECTORY];
  const holder = host.spawn([...unshare, ...script], {});
  let said = '';
  holder.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk).slice(-2_000);
  });
  scope.defer(`end the place on ${host.name}`, async () => {
    holder.stdin.end();
    await holder.exited;
    await host.exec(['rmdir', '--', PLACE], { timeoutMs: 30_000, allowFailure: true });
  });
  const pid = await new Promise<string | null>((resolve) => {
    const limit = setTimeout(() => resolve(null), START_LIMIT_MS);
    createInterface({ input: holder.stdout })
      .on('line', (line) => {
        const told = /^place (\d+)$/.exec(line)?.[1];
        if (told !== undefined) resolve(told);
      })
      .on('close', () => {
        clearTimeout(limit);
        resolve(null);
      });
  });
  if (pid !== null) return { pid, enter: ['nsenter', '--target', pid, '--mount', '--pid', '--'] };
  holder.kill('SIGKILL');
  signal.throwIfAborted();
  throw new EnvironmentError(
    `${host.name} makes no root of its own for the toolchain: ${said.trim() || 'no answer'}`,
    'it needs overlayfs, unshare and nsenter; without them use `host`',
  );
}
