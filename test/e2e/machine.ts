/** What a machine holds that a run could leave behind, counted; and whether end-to-end tests can run here. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lock } from '../../harness/runtime/roots/lock.ts';

/** Why end-to-end tests cannot run here; null where they can. */
export function whyNotHere(): string | null {
  if (process.platform !== 'linux') return `${process.platform} is not Linux`;
  if (process.getuid?.() !== 0) return 'not root: run `sudo npm test`';
  for (const tool of ['ip', 'nsenter', 'unshare', 'setpriv']) {
    try {
      execFileSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', tool]);
    } catch {
      return `${tool} is not installed`;
    }
  }
  return null;
}

/** Why no share can lie on a disk here; null where it can. */
export function whyNoLoopDevice(): string | null {
  if (!existsSync('/dev/loop-control')) return 'this machine has no loop devices';
  return lines('PATH=$PATH:/sbin command -v mkfs.ext4').length > 0 ? null : 'mkfs.ext4 is not installed';
}

export interface Inventory {
  namespaces: string[];
  mounts: string[];
  cgroups: string[];
  links: string[];
  rules: string;
  processes: string[];
  state: string[];
  loops: string[];
}

/** Everything that a run makes, as this machine shows it now. Equal before and after is a clean machine. */
export function inventory(): Inventory {
  return {
    namespaces: namespaces(),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .map((line) => line.split(' ').slice(3, 5).join(' '))
      .sort(),
    cgroups: lines('find /sys/fs/cgroup -type d -name "thaw-*"'),
    links: lines('ip -o link | sed "s/^[0-9]*: \\([^:@]*\\).*/\\1/"'),
    rules: lines('iptables-save 2>/dev/null | grep -v "^[#:]"').join('\n'),
    processes: lines(
      'ps -eo stat=,comm= | grep -v "^Z" | grep -oE "(runc|criu|apache2|nginx|nsenter|unshare|arping).*" | sort',
    ),
    state: lines('ls /run/thaw 2>/dev/null'),
    loops: loops(),
  };
}

/** Loop devices are the whole machine's: in a pen, those whose file lies where its own shares do. */
function loops(): string[] {
  const [own] = lines('mountpoint -d /run/thaw 2>/dev/null');
  const all = lines('losetup -n -O BACK-MAJ:MIN,NAME,BACK-FILE 2>/dev/null').map((line) => line.trim());
  return own === undefined ? all : all.filter((line) => line.startsWith(`${own} `));
}

function namespaces(): string[] {
  const found = new Set<string>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    // A process that is dead and not yet reaped by this machine's init still shows its PID namespace.
    if (isZombie(pid)) continue;
    for (const kind of ['net', 'mnt', 'pid', 'uts', 'ipc', 'cgroup', 'user']) {
      try {
        found.add(readlinkSync(`/proc/${pid}/ns/${kind}`));
      } catch {
        // The process ended while it was looked at.
      }
    }
  }
  return [...found].sort();
}

function isZombie(pid: string): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return /^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return true;
  }
}

/** What changes settings of the whole machine, as post-copy may: in one file at a time, for pens do not see each other's. */
export async function alone<T>(act: () => Promise<T>): Promise<T> {
  const release = await lock(join(tmpdir(), 'thaw-e2e-settings'), 'the settings of this machine', () => {});
  return act().finally(release);
}

/** Lines that a shell command prints; none where it fails. Only constants go in here. */
export function lines(command: string): string[] {
  try {
    return execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8' }).split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

/** The inventory once it equals `expected`, or after ten seconds what differs: dying takes a moment. */
export async function settledInventory(expected: Inventory): Promise<Inventory> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const now = inventory();
    if (JSON.stringify(now) === JSON.stringify(expected) || Date.now() > deadline) return now;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
