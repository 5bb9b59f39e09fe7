/** What a migration left behind on its hosts, or took away from them: held against what was there before the container. */
import type { HostHygiene, HostName, Service } from '../model.ts';
import { type LookRequest, lookAt } from '../runtime/look.ts';
import type { TestbedHost } from '../testbed/testbed.ts';
import { removeLitter } from './litter.ts';
import { ignoreDeadHost } from './rollback.ts';

export interface Hygiene {
  /** Looks at the hosts after a migration, and removes what is the container's. `at`: where it runs now; null: nowhere. */
  after(hosts: readonly TestbedHost[], at: HostName | null): Promise<HostHygiene[]>;
}

export interface HygieneRequest extends LookRequest {
  service: Service;
  /** A sabotaged migration needs the images of the one before. */
  keepsImages: boolean;
}

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
  await removeLitter(one, left, request, runsHere).catch(ignoreDeadHost);
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
