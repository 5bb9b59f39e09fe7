/**
 * Settings of the whole machine that runs need while they last. They are changed under a lock; who needs them is noted
 * before anything is changed, and the last one puts back what was there, so that runs beside each other agree and a
 * killed one is repaired by the next, or by `thaw clean`.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import lockfile from 'proper-lockfile';
import { EnvironmentError, messageOf } from '../../errors.ts';
import { ownDirectory } from '../../host/own-directory.ts';
import { STATE_DIRECTORY } from '../../paths.ts';
import { replaceFile } from '../../store/disk.ts';
import { leases } from './lease.ts';

export interface MachineSetting {
  /** As `sysctl` names it. */
  name: string;
  value: number;
  /** A value that is larger already is left alone. */
  atLeast?: true;
}

interface Places {
  /** Holds the note of what was changed, beside the leases. */
  stateDirectory: string;
  sysctls: string;
}

interface Note {
  /** Before the first of the users came. */
  before: Record<string, string>;
  /** What Thaw made of it. */
  ours: Record<string, string>;
  /** Leases that need it. */
  users: string[];
}

const HERE: Places = { stateDirectory: STATE_DIRECTORY, sysctls: '/proc/sys' };
const NOTHING_CHANGED: Note = { before: {}, ours: {}, users: [] };

/** Changes what has another value, for as long as that lease needs it. EnvironmentError where the kernel refuses. */
export async function borrowSettings(
  wanted: readonly MachineSetting[],
  lease: string,
  places = HERE,
): Promise<void> {
  if (wanted.length === 0) return;
  await locked(places, () => {
    const { before, ours, users } = withLiving(read(places), places);
    const now = currentOf(
      wanted.map(({ name }) => name),
      places,
    );
    const changed = wanted.filter(({ name, value, atLeast }) => !atLeast || Number(now[name]) < value);
    const change = Object.fromEntries(changed.map(({ name, value }) => [name, String(value)]));
    const was = Object.fromEntries(changed.map(({ name }) => [name, now[name] as string]));
    write(places, { before: { ...was, ...before }, ours: { ...ours, ...change }, users: [...users, lease] });
    for (const [name, value] of Object.entries(change)) set(places, name, value);
  });
}

/** The lease needs none any more: the last one puts back what was there. */
export async function returnSettings(lease: string, places = HERE): Promise<void> {
  await locked(places, () => {
    const note = withLiving(read(places), places);
    settle({ ...note, users: note.users.filter((user) => user !== lease) }, places);
  });
}

/** Settings that only dead runs needed, as `name = value before`; `putBack` mends them. */
export async function abandonedSettings(
  places = HERE,
): Promise<{ what: string[]; putBack(): Promise<void> }> {
  const note = read(places);
  const abandoned = note.users.length > 0 && withLiving(note, places).users.length === 0;
  return {
    what: abandoned ? Object.entries(note.before).map(([name, value]) => `${name} = ${value}`) : [],
    putBack: () => locked(places, () => settle(withLiving(read(places), places), places)),
  };
}

function settle(note: Note, places: Places): void {
  if (note.users.length > 0) {
    write(places, note);
    return;
  }
  const now = currentOf(Object.keys(note.before), places);
  for (const [name, value] of Object.entries(note.before)) {
    // Whoever changed it meanwhile meant it.
    if (now[name] === note.ours[name]) set(places, name, value);
  }
  rmSync(noteFile(places), { force: true });
}

function withLiving(note: Note, { stateDirectory }: Places): Note {
  const living = new Set(leases(stateDirectory).flatMap(({ id, alive }) => (alive ? [id] : [])));
  return { ...note, users: note.users.filter((user) => living.has(user)) };
}

function currentOf(names: readonly string[], places: Places): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => [name, accessed(name, () => readFileSync(fileOf(name, places), 'utf8').trim())]),
  );
}

function set(places: Places, name: string, value: string): void {
  accessed(name, () => writeFileSync(fileOf(name, places), value));
}

function fileOf(name: string, { sysctls }: Places): string {
  return join(sysctls, ...name.split('.'));
}

function accessed<T>(name: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new EnvironmentError(
      `the setting ${name} of this machine cannot be read or changed: ${messageOf(error)}`,
      'run as root of the machine, or choose a strategy that does not need it',
    );
  }
}

function read(places: Places): Note {
  try {
    return JSON.parse(readFileSync(noteFile(places), 'utf8')) as Note;
  } catch {
    return NOTHING_CHANGED;
  }
}

function write(places: Places, note: Note): void {
  replaceFile(noteFile(places), JSON.stringify(note));
}

function noteFile({ stateDirectory }: Places): string {
  return join(stateDirectory, 'settings.json');
}

async function locked(places: Places, action: () => void): Promise<void> {
  ownDirectory(places.stateDirectory);
  const release = await lockfile.lock(noteFile(places), {
    realpath: false,
    stale: 15_000,
    retries: { retries: 100, minTimeout: 50, maxTimeout: 200 },
  });
  try {
    action();
  } finally {
    await release();
  }
}
