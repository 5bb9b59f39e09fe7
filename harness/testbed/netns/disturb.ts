/** What can be done to namespace hosts, their network and their share from outside. Nothing of it outlives the testbed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from '../../host/host.ts';
import { COMMAND_ENV, mustRun } from '../../host/local.ts';
import { statusOf } from '../../host/process-host.ts';
import { killOne } from '../../host/process-tree.ts';
import type { Scope } from '../../scope.ts';
import type { Disturb, Disturbed } from '../testbed.ts';
import type { Hierarchy } from './cgroups.ts';

export interface Disturbable {
  /** By name of the host, or `client`. */
  places: ReadonlyMap<string, { pid: number; group: string; port: string }>;
  hierarchies: readonly Hierarchy[];
  /** argv that enters the namespace that holds the bridge, and the one that holds the share. */
  inNetwork: readonly string[];
  inShare: readonly string[];
  share: string;
  shareMiB: number;
}

/** The scope undoes what nobody has undone. */
export function netnsDisturb(ground: Disturbable, scope: Scope): Disturb {
  return async (what, name) => {
    const place = ground.places.get(name);
    if (place === undefined) return { unable: `there is no ${name} here` };
    const made = await (async (): Promise<Disturbed | { unable: string }> => {
      switch (what) {
        case 'freeze':
          return frozen(ground, place.group);
        case 'kill':
          return { begin: async () => void killOne(place.pid, 'SIGKILL'), undo: async () => {} };
        case 'cut':
          return onPort(ground, ['link', 'set', place.port, 'down'], ['link', 'set', place.port, 'up']);
        case 'slow':
          return slowed(ground, place.port);
        case 'fill':
          return filled(ground);
        case 'hang':
          return { unable: 'the share of namespace hosts lies in memory, which never waits' };
      }
    })();
    if ('unable' in made) return made;
    const once = onlyOnce(made);
    scope.defer(`undo a fault of ${name}`, once.undo);
    return once;
  };
}

/** Undone once at most, and only what was begun. */
function onlyOnce({ begin, undo }: Disturbed): Disturbed {
  let state: 'armed' | 'begun' | 'undone' = 'armed';
  return {
    async begin() {
      state = 'begun';
      await begin();
    },
    async undo() {
      if (state === 'undone') return;
      state = 'undone';
      await undo();
    },
  };
}

/** On v1 and v2 a frozen parent holds all below it. */
function frozen({ hierarchies }: Disturbable, group: string): Disturbed | { unable: string } {
  const v1 = hierarchies.find(({ options }) => options.split(',').includes('freezer'));
  const v2 = hierarchies.find(({ type }) => type === 'cgroup2');
  const hierarchy = v1 ?? v2;
  if (hierarchy === undefined) return { unable: 'this machine has no freezer of cgroups' };
  const [file, freeze, thaw] = v1 ? ['freezer.state', 'FROZEN', 'THAWED'] : ['cgroup.freeze', '1', '0'];
  const path = join(hierarchy.mountPoint, group, file);
  return {
    begin: async () => writeFileSync(path, freeze),
    undo: async () => writeFileSync(path, thaw),
  };
}

// Started before it is wanted: it waits for its line.
const WAITING = 'read -r go && [ "$go" = go ] || exit 0; exec "$@"';
const LIMIT = { timeoutMs: 10_000 };

function onPort({ inNetwork }: Disturbable, down: string[], up: string[]): Disturbed {
  const waiting = wait([...inNetwork, '/bin/sh', '-c', WAITING, 'sh', 'ip', ...down]);
  return {
    begin: () => waiting.fire(),
    async undo() {
      waiting.end();
      await mustRun([...inNetwork, 'ip', ...up], LIMIT);
    },
  };
}

// A megabit a second, each way through the bridge.
function slowed({ inNetwork }: Disturbable, port: string): Disturbed {
  const rate = ['root', 'tbf', 'rate', '1mbit', 'burst', '16kb', 'latency', '400ms'];
  const waiting = wait([
    ...[...inNetwork, '/bin/sh', '-c', WAITING, 'sh'],
    ...['tc', 'qdisc', 'replace', 'dev', port, ...rate],
  ]);
  let begun = false;
  return {
    async begin() {
      await waiting.fire();
      begun = true;
    },
    async undo() {
      waiting.end();
      if (begun) await mustRun([...inNetwork, 'tc', 'qdisc', 'del', 'dev', port, 'root'], LIMIT);
    },
  };
}

// The file system becomes as small as what lies in it; somebody may write meanwhile.
const FILL = `read -r go && [ "$go" = go ] || exit 0
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  set -- "$1" $(stat -f -c '%S %b %f' "$1")
  mount -o "remount,size=$((($3 - $4) * $2))" "$1" && exit 0
done
exit 1`;

function filled({ inShare, share, shareMiB }: Disturbable): Disturbed {
  const waiting = wait([...inShare, '/bin/sh', '-c', FILL, 'sh', share]);
  return {
    begin: () => waiting.fire(),
    async undo() {
      waiting.end();
      await mustRun([...inShare, 'mount', '-o', `remount,size=${shareMiB}m`, share], LIMIT);
    },
  };
}

/** A process that waits for one line. */
function wait(argv: readonly string[]): { fire(): Promise<void>; end(): void } {
  const [file = '', ...args] = argv;
  const child: ChildProcess = spawn(file, args, { env: COMMAND_ENV, stdio: ['pipe', 'ignore', 'pipe'] });
  let said = '';
  child.stdin?.on('error', () => {});
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk).slice(-4_000);
  });
  const over = new Promise<number>((resolve) => {
    child.on('close', (code, signal) => resolve(statusOf(code, signal)));
    child.on('error', () => resolve(127));
  });
  return {
    async fire() {
      child.stdin?.end('go\n');
      const status = await over;
      if (status === 0) return;
      throw new CommandError('fabric', argv, { status, stdout: '', stderr: said }, LIMIT.timeoutMs);
    },
    end: () => void child.stdin?.end(),
  };
}
