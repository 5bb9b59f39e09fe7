/** What a migration left behind on its hosts, or took away from them: held against what was there before the container. */
import type { HostHygiene, HostName, Service } from '../model.ts';
import { type LookRequest, lookAt } from '../runtime/look.ts';
import type { TestbedHost } from '../testbed/testbed.ts';
import { addressArgv } from './handover.ts';
import { ignoreDeadHost, removeRemains } from './rollback.ts';

export interface Hygiene {
  /** Looks at the hosts after a migration, and removes what is the container's. `at`: where it runs now; null: nowhere. */
  after(hosts: readonly TestbedHost[], at: HostName | null): Promise<HostHygiene[]>;
}

interface HygieneRequest extends LookRequest {
  service: Service;
  /** A sabotaged migration needs the images of the one before. */
  keepsImages: boolean;
}

const LIMIT = { timeoutMs: 30_000, allowFailure: true };

/** Looks at all hosts as they are without the container. What they cannot tell stays unknown. */
export async function beginHygiene(hosts: readonly TestbedHost[], request: HygieneRequest): Promise<Hygiene> {
  const clean = new Map<HostName, Set<string> | null>();
  await Promise.all(
    hosts.map(async ({ host }) => {
      const found = await lookAt(host, request);
      clean.set(host.name, found === null ? null : new Set([...found.others, ...found.own]));
    }),
  );
  return {
    after: (touched, at) =>
      Promise.all(
        touched.map(async (one): Promise<HostHygiene> => {
          const before = clean.get(one.host.name) ?? null;
          const found = await hygieneOf(one, before, request, at === one.host.name);
          // Told once: what could not be removed is part of the host from now on.
          if (found.state === 'known') clean.set(one.host.name, found.now);
          return found.hygiene;
        }),
      ),
  };
}

type Found =
  | { state: 'known'; hygiene: HostHygiene; now: Set<string> }
  | { state: 'unknown'; hygiene: HostHygiene };

async function hygieneOf(
  one: TestbedHost,
  before: ReadonlySet<string> | null,
  request: HygieneRequest,
  runsHere: boolean,
): Promise<Found> {
  const { name } = one.host;
  const unknown: Found = { state: 'unknown', hygiene: { host: name, known: false, left: [], gone: [] } };
  const now = before === null ? null : await linesOf(one, request, runsHere);
  if (before === null || now === null) return unknown;
  const left = [...now].filter((line) => !before.has(line));
  const gone = [...before].filter((line) => !now.has(line));
  if (left.length === 0) return { state: 'known', hygiene: { host: name, known: true, left: [], gone }, now };
  await remove(one, left, request, runsHere).catch(ignoreDeadHost);
  const after = await linesOf(one, request, runsHere);
  if (after === null) return unknown;
  const told = left.map((what) => ({ what, removed: !after.has(what) }));
  return { state: 'known', hygiene: { host: name, known: true, left: told, gone }, now: after };
}

/** Without what the container has, where it runs. */
async function linesOf(
  { host }: TestbedHost,
  request: HygieneRequest,
  runsHere: boolean,
): Promise<Set<string> | null> {
  const found = await lookAt(host, request).catch((error) => {
    ignoreDeadHost(error);
    return null;
  });
  if (found === null) return null;
  const all = runsHere ? found.others : [...found.others, ...found.own];
  return new Set(
    request.keepsImages ? all.filter((line) => !/^file \/run(c\/|\/thaw-)images\//.test(line)) : all,
  );
}

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

/** Only what is surely of this container: everything else is told, and left to its owner. */
async function remove(
  one: TestbedHost,
  left: readonly string[],
  { container, bundle, service }: HygieneRequest,
  runsHere: boolean,
): Promise<void> {
  const ours = [`${bundle}/`, `/runc/images/${container.id}/`, `/run/thaw-images/${container.id}/`];
  const mounts = left
    .map((line) => /^mount (.*) \(\S+\)$/.exec(line)?.[1])
    .filter((path) => path !== undefined && /\/\.criu\.\w+\.\w+/.test(path))
    .filter((path) => ours.some((prefix) => path?.startsWith(prefix)));
  // Those below another first: their names are longer.
  for (const mount of mounts.toSorted().toReversed()) {
    await one.host.exec(['umount', '-l', '--', mount as string], LIMIT);
  }
  // CRIU that was killed has left the directory of its mounts, empty; a CRIU that lives has its own.
  const empty = left.map((line) => /^file (\/tmp\/\.criu\.mntns\.\w+)$/.exec(line)?.[1]).filter(Boolean);
  if (empty.length > 0 && !left.some((line) => /^process \d+: criu\b/.test(line))) {
    await one.host.exec(['rmdir', '--', ...(empty as string[])], LIMIT);
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
  // After a total loss nobody has taken it away.
  if (left.some((line) => line.startsWith(`address inet ${service.address}/`))) {
    await one.host.exec(addressArgv('del', service, one.interface), LIMIT);
  }
}
