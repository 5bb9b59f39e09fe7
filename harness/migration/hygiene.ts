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
    async after(touched, at) {
      const look = (one: TestbedHost): Promise<Seen | null> => seenOn(one, request, at === one.host.name);
      // All have looked before anything is removed: whoever looks first would hide from the others what is on the share.
      const looks = await Promise.all(
        touched.map(async (one) => ({ one, before: clean.get(one.host.name) ?? null, now: await look(one) })),
      );
      const told = new Set<string>();
      const found = looks.map((both) => ({ ...both, ...changesIn(both, told) }));
      const littered = found.filter(({ left }) => left.length > 0);
      await Promise.all(
        littered.map(({ one, left }) =>
          removeLitter(one, left, request, at === one.host.name).catch(ignoreDeadHost),
        ),
      );
      return Promise.all(
        found.map(async ({ one, before, now, left, gone }): Promise<HostHygiene> => {
          const host = one.host.name;
          const after = littered.length === 0 ? now : await look(one);
          if (before === null || now === null || after === null) {
            return { host, known: false, left: [], gone: [] };
          }
          clean.set(host, fromNowOn(host, { before, now, after, told }));
          const still = leftSince(before, after);
          return { host, known: true, left: left.map((what) => ({ what, removed: !still.has(what) })), gone };
        }),
      );
    },
  };
}

interface Seen {
  lines: ReadonlySet<string>;
  room: Looked['room'];
}

/** What is there and was not, and the other way round; of the share only what no other host has `told`. */
function changesIn(
  { one, before, now }: { one: TestbedHost; before: Seen | null; now: Seen | null },
  told: Set<string>,
): { left: string[]; gone: string[] } {
  if (before === null || now === null) return { left: [], gone: [] };
  const first = (line: string): boolean => {
    const subject = subjectOf(line, one.host.name);
    const known = told.has(subject);
    told.add(subject);
    return !known;
  };
  return {
    left: [...leftSince(before, now)].filter(first),
    gone: [...before.lines].filter((line) => !now.lines.has(line)).filter(first),
  };
}

/** What a line is about: the same for all hosts where it is on their share. */
function subjectOf(line: string, host: HostName): string {
  const subject = line.replace(/^(room on [^:]+): .*/, '$1');
  return /^(file \/runc\/|room on \/runc$)/.test(subject) ? subject : `${host} ${subject}`;
}

/**
 * Told once: what could not be removed is part of the host from now on. What goes little by little is still told, for room
 * of which nothing was told is held against the same as before.
 */
function fromNowOn(
  host: HostName,
  { before, now, after, told }: { before: Seen; now: Seen; after: Seen; told: ReadonlySet<string> },
): Seen {
  const lines = [...now.lines].filter((line) => after.lines.has(line));
  const room = [...before.room].map(([path, free]): [string, number] => {
    const known = told.has(subjectOf(`room on ${path}`, host));
    return [path, known ? (after.room.get(path) ?? free) : free];
  });
  return { lines: new Set(lines), room: new Map(room) };
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
async function seenOn(
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
