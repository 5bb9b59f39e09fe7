/** What a migration left on a host is removed, as far as it is surely its own. */
import type { TestbedHost } from '../testbed/testbed.ts';
import { addressArgv } from './handover.ts';
import type { HygieneRequest } from './hygiene.ts';
import { removeRemains } from './rollback.ts';

const LIMIT = { timeoutMs: 30_000, allowFailure: true };

/** Only what is surely of this container: everything else is told, and left to its owner. */
export async function removeLitter(
  one: TestbedHost,
  left: readonly string[],
  { container, bundle, service }: HygieneRequest,
  runsHere: boolean,
): Promise<void> {
  const ours = [`${bundle}/`, `/runc/images/${container.id}/`, `/run/thaw-images/${container.id}/`];
  const holders = left.flatMap((line) => holderIn(line, ours));
  if (holders.length > 0) await one.host.exec(['/bin/sh', '-c', END_HOLDERS, 'sh', ...holders], LIMIT);
  const mounts = left
    .map((line) => /^mount (.*) \(\S+\)$/.exec(line)?.[1])
    .filter((path) => path !== undefined && /\/\.criu\.\w+\.\w+/.test(path))
    .filter((path) => ours.some((prefix) => path?.startsWith(prefix)));
  // Those below another first: their names are longer.
  for (const mount of mounts.toSorted().toReversed()) {
    await one.host.exec(['umount', '-l', '--', mount as string], LIMIT);
  }
  const files = left
    .map((line) => /^file (.*)$/.exec(line)?.[1])
    .filter((path) => path !== undefined && ours.some((prefix) => path.startsWith(prefix)));
  if (files.length > 0) {
    await one.host.exec(['rm', '-rf', '--one-file-system', '--', ...(files as string[])], LIMIT);
  }
  if (!runsHere && left.some((line) => / of the runtime$|^mount |^process |^cgroup /.test(line))) {
    await removeRemains(one, container);
    const cgroups = left.flatMap((line) => /^cgroup (\/sys\/fs\/cgroup\/.*)$/.exec(line)?.[1] ?? []);
    if (cgroups.length > 0) await one.host.exec(['/bin/sh', '-c', END_CGROUPS, 'sh', ...cgroups], LIMIT);
  }
  const roots = left.flatMap((line) => /^file (\/tmp\/\.criu\.mntns\.\w+)$/.exec(line)?.[1] ?? []);
  if (roots.length > 0) await one.host.exec(['/bin/sh', '-c', END_ROOTS, 'sh', ...roots], LIMIT);
  // After a total loss nobody has taken it away.
  if (left.some((line) => line.startsWith(`address inet ${service.address}/`))) {
    await one.host.exec(addressArgv('del', service, one.interface), LIMIT);
  }
}

/**
 * PID and images of a CRIU that has outlived its migration: the daemon of a restore that never came to ask for pages waits
 * for ever, and so does a child of a CRIU that was killed in a dump (`criu swrk 3`), which is known by what it holds open.
 */
function holderIn(line: string, ours: readonly string[]): [pid: string, images: string] | [] {
  const [, pid, images] =
    /^process (\d+): criu lazy-pages .*--images-dir (\S+)/.exec(line) ??
    /^deleted file held by criu \((\d+)\): (.+) \(deleted\)$/.exec(line) ??
    [];
  if (pid === undefined || images === undefined) return [];
  return ours.some((prefix) => `${images}/`.startsWith(prefix)) ? [pid, images] : [];
}

// By its PID, where that is still what it was, and until it is gone.
const END_HOLDERS = `is_it() {
  [ "$(cat "/proc/$pid/comm")" = criu ] || return 1
  tr '\\0' '\\n' <"/proc/$pid/cmdline" | grep -qxF -- "$images" || ls -l "/proc/$pid/cwd" "/proc/$pid/fd" | grep -qF -- "$images"
}
while [ $# -gt 1 ]; do
  pid=$1 images=$2; shift 2
  is_it && kill -KILL "$pid"
  for attempt in 1 2 3 4 5 6 7 8 9 10; do is_it || break; sleep 0.05; done
done`;

// A CRIU that was killed leaves cgroups that the runtime knows nothing of, and now and then a task in them.
const END_CGROUPS = `for group; do [ -d "$group" ] || continue
  while read -r pid; do kill -KILL "$pid" 2>/dev/null; done <"$group/cgroup.procs"
done
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  left=
  for group; do [ ! -d "$group" ] || { find "$group" -depth -type d -exec rmdir {} + 2>/dev/null; [ ! -d "$group" ] || left=1; }; done
  [ -n "$left" ] || exit 0
  sleep 0.05
done`;

// CRIU makes this directory and mounts on it at once (criu/mount.c); a CRIU that was killed may take its time to die. One
// that was there at the look, is empty, and is a mount point of no process now, no living CRIU needs, whoever's it is.
const END_ROOTS = `for attempt in 1 2 3 4 5 6 7 8 9 10; do
  sleep 0.2
  left=
  for root; do
    [ -d "$root" ] || continue
    grep -qsF " $root" /proc/[0-9]*/mountinfo || rmdir -- "$root" 2>/dev/null
    [ ! -d "$root" ] || left=1
  done
  [ -n "$left" ] || exit 0
done`;
