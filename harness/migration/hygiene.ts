/** What a migration left behind on its hosts, or took away from them: held against what was there before the container. */
import type { HostHygiene, HostName, Service } from '../model.ts';
import { type Looked, type LookRequest, lookAt } from '../runtime/look.ts';
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
  const clean = new Map<HostName, Seen | null>();
  await Promise.all(
    hosts.map(async ({ host }) => {
      const found = await lookAt(host, request);
      clean.set(
        host.name,
        found === null ? null : { lines: new Set([...found.others, ...found.own]), room: found.room },
      );
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

interface Seen {
  lines: ReadonlySet<string>;
  room: Looked['room'];
}

type Found = { state: 'known'; hygiene: HostHygiene; now: Seen } | { state: 'unknown'; hygiene: HostHygiene };

async function hygieneOf(
  one: TestbedHost,
  before: Seen | null,
  request: HygieneRequest,
  runsHere: boolean,
): Promise<Found> {
  const { name } = one.host;
  const unknown: Found = { state: 'unknown', hygiene: { host: name, known: false, left: [], gone: [] } };
  const now = before === null ? null : await linesOf(one, request, runsHere);
  if (before === null || now === null) return unknown;
  const left = [...leftSince(before, now)];
  const gone = [...before.lines].filter((line) => !now.lines.has(line));
  // What goes little by little is still told, for it is held against the same room until then.
  if (left.length === 0) {
    const as = { lines: now.lines, room: before.room };
    return { state: 'known', hygiene: { host: name, known: true, left: [], gone }, now: as };
  }
  await removeLitter(one, left, request, runsHere).catch(ignoreDeadHost);
  const after = await linesOf(one, request, runsHere);
  if (after === null) return unknown;
  const still = leftSince(before, after);
  const told = left.map((what) => ({ what, removed: !still.has(what) }));
  return { state: 'known', hygiene: { host: name, known: true, left: told, gone }, now: after };
}

/** Logs of a run and what a container writes may take a little. */
const ROOM_KIB = 8 * 1024;

/** What is there and was not, and where there is less room than there was. */
function leftSince(before: Seen, now: Seen): Set<string> {
  const less = [...before.room]
    .filter(([path, free]) => free - (now.room.get(path) ?? free) > ROOM_KIB)
    .map(([path, free]) => `room on ${path}: ${Math.floor(free / 1_024)} MiB were free before`);
  return new Set([...[...now.lines].filter((line) => !before.lines.has(line)), ...less]);
}

/** Without what the container has, where it runs. */
async function linesOf(
  { host }: TestbedHost,
  request: HygieneRequest,
  runsHere: boolean,
): Promise<Seen | null> {
  const found = await lookAt(host, request).catch((error) => {
    ignoreDeadHost(error);
    return null;
  });
  if (found === null) return null;
  const all = runsHere ? found.others : [...found.others, ...found.own];
  const lines = new Set(
    request.keepsImages ? all.filter((line) => !/^file \/run(c\/|\/thaw-)images\//.test(line)) : all,
  );
  return { lines, room: request.keepsImages ? new Map() : found.room };
}
