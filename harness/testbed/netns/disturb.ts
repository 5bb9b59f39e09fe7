/** What can be done to namespace hosts, their network and their share from outside. Nothing of it outlives the testbed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from '../../host/host.ts';
import { COMMAND_ENV, mustRun, run } from '../../host/local.ts';
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
          return hung(ground);
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

// Memory becomes as small as what lies in it, for somebody may write meanwhile; a disk gets a file.
const FILL = `read -r go && [ "$go" = go ] || exit 0
if [ "$(stat -f -c %T "$1")" != tmpfs ]; then
  fallocate -l "$(stat -f -c '%S %f' "$1" | { read -r size free; echo $((size * free - 1048576)); })" "$1/.thaw-full"
  dd if=/dev/zero of="$1/.thaw-full" bs=4k oflag=append conv=notrunc 2>/dev/null
  # What others have freed meanwhile is no more than a log.
  exec test "$(stat -f -c %a "$1")" -le 16
fi
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  set -- "$1" $(stat -f -c '%S %b %f' "$1")
  mount -o "remount,size=$((($3 - $4) * $2))" "$1" && exit 0
done
exit 1`;
const EMPTY = `if [ "$(stat -f -c %T "$1")" = tmpfs ]; then exec mount -o "remount,size=$2m" "$1"; fi
rm -f "$1/.thaw-full"`;

function filled({ inShare, share, shareMiB }: Disturbable): Disturbed {
  const waiting = wait([...inShare, '/bin/sh', '-c', FILL, 'sh', share]);
  return {
    begin: () => waiting.fire(),
    async undo() {
      waiting.end();
      await mustRun([...inShare, '/bin/sh', '-c', EMPTY, 'sh', share, String(shareMiB)], LIMIT);
    },
  };
}

// It goes on by itself when the controller dies, in whatever way: nobody else could reach the file system then.
const HANG = `trap '' INT TERM HUP
read -r go && [ "$go" = go ] || exit 0
fsfreeze -f "$1" || exit 1
echo hangs
read -r over
exec fsfreeze -u "$1"`;

async function hung({ inShare, share }: Disturbable): Promise<Disturbed | { unable: string }> {
  const { stdout } = await run([...inShare, 'stat', '-f', '-c', '%T', share], LIMIT);
  if (stdout.trim() === 'tmpfs') {
    return {
      unable: 'the share lies in memory, which never waits: this machine has no loop device or no mkfs.ext4',
    };
  }
  const holding = wait([...inShare, '/bin/sh', '-c', HANG, 'sh', share]);
  return {
    begin: () => holding.hold(),
    undo() {
      holding.end();
      return holding.ended();
    },
  };
}

interface Waiting {
  /** Resolves when it has ended well. */
  fire(): Promise<void>;
  /** Resolves when it has said that it holds something, which it does until its input ends. */
  hold(): Promise<void>;
  end(): void;
  /** Resolves when it has ended well. */
  ended(): Promise<void>;
}

/** A process that waits for one line. Not in the terminal's group: Ctrl-C is for the controller, which undoes faults. */
function wait(argv: readonly string[]): Waiting {
  const [file = '', ...args] = argv;
  const child: ChildProcess = spawn(file, args, {
    env: COMMAND_ENV,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  let complained = '';
  child.stdin?.on('error', () => {});
  child.stderr?.on('data', (chunk: Buffer) => {
    complained = (complained + chunk).slice(-4_000);
  });
  const over = new Promise<number>((resolve) => {
    child.on('close', (code, signal) => resolve(statusOf(code, signal)));
    child.on('error', () => resolve(127));
  });
  const ended = async (): Promise<void> => {
    const status = await over;
    if (status === 0) return;
    throw new CommandError('fabric', argv, { status, stdout: '', stderr: complained }, LIMIT.timeoutMs);
  };
  const holds = new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()));
  return {
    fire() {
      child.stdin?.end('go\n');
      return ended();
    },
    hold() {
      child.stdin?.write('go\n');
      return Promise.race([holds, ended()]);
    },
    end: () => void child.stdin?.end(),
    ended,
  };
}
