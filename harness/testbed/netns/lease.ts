/** The directory of a running testbed below /run/thaw, and who owns it: what `thaw clean` goes by. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError, messageOf } from '../../errors.ts';
import { ownDirectory } from '../../host/own-directory.ts';
import { startTicks } from '../../host/process-tree.ts';
import type { HostName } from '../../model.ts';
import { STATE_DIRECTORY } from '../../paths.ts';

export interface Lease {
  id: string;
  directory: string;
}

interface Owner {
  pid: number;
  startTicks: number | null;
}

/** Takes a fresh directory for a testbed of this process. */
export function takeLease(stateDirectory: string = STATE_DIRECTORY): Lease {
  const id = `${Date.now().toString(36)}-${process.pid.toString(36)}-${(counter++).toString(36)}`;
  const directory = join(stateDirectory, id);
  try {
    ownDirectory(stateDirectory);
    mkdirSync(directory, { mode: 0o755 });
    const owner: Owner = { pid: process.pid, startTicks: startTicks(process.pid) };
    writeFileSync(join(directory, 'owner.json'), JSON.stringify(owner));
  } catch (error) {
    if (error instanceof EnvironmentError) throw error;
    throw new EnvironmentError(`${stateDirectory} cannot be written: ${messageOf(error)}`, 'run as root');
  }
  return { id, directory };
}

export function dropLease(lease: Lease): void {
  rmSync(lease.directory, { recursive: true, force: true });
}

/** How to get into a host by a shell, for whoever looks at a run that goes on. */
export function noteShell({ directory }: Lease, host: HostName, argv: readonly string[]): void {
  writeFileSync(join(directory, `${host}${SHELL}`), JSON.stringify(argv), { mode: 0o600 });
}

/** The shells of all hosts of runs that go on, newest run last. */
export function shells(
  stateDirectory: string = STATE_DIRECTORY,
): { host: HostName; id: string; argv: string[] }[] {
  return leases(stateDirectory)
    .filter(({ alive }) => alive)
    .flatMap(({ id, directory }) =>
      readdirSync(directory)
        .filter((name) => name.endsWith(SHELL))
        .sort()
        .map((name) => ({
          id,
          host: name.slice(0, -SHELL.length),
          argv: JSON.parse(readFileSync(join(directory, name), 'utf8')) as string[],
        })),
    );
}

const SHELL = '.shell.json';

/** Leases on this machine, and whether the process that took each is still alive. */
export function leases(stateDirectory: string = STATE_DIRECTORY): (Lease & { alive: boolean })[] {
  let ids: string[];
  try {
    ids = readdirSync(stateDirectory).filter((name) => /^[0-9a-z]+-[0-9a-z]+-[0-9a-z]+$/.test(name));
  } catch {
    return [];
  }
  return ids.sort().map((id) => {
    const directory = join(stateDirectory, id);
    return { id, directory, alive: isAlive(directory) };
  });
}

let counter = 0;

function isAlive(directory: string): boolean {
  try {
    const owner = JSON.parse(readFileSync(join(directory, 'owner.json'), 'utf8')) as Owner;
    return owner.startTicks !== null && startTicks(owner.pid) === owner.startTicks;
  } catch {
    return false;
  }
}
