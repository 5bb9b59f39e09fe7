/** Examines this machine: what a run needs, what was found, why it matters, and what to do. */
import { readFileSync, statfsSync } from 'node:fs';
import { release } from 'node:os';
import { messageOf } from '../errors.ts';
import { run } from '../host/local.ts';
import type { Finding } from '../model.ts';
import { cacheDirectory } from '../paths.ts';
import { type Cleaned, cleanUp } from './clean.ts';
import { capabilitiesMissingHere } from './facts.ts';
import { finding } from './finding.ts';
import { cgroupVersion, type Hierarchy, hierarchies } from './netns/cgroups.ts';
import { chooseToolchains } from './toolchains.ts';
import { FEATURES, type ToolchainContext } from './trial.ts';

/** What is asked of a machine. */
export interface Machine {
  platform: string;
  uid: number | undefined;
  /** As in /proc/filesystems. */
  fileSystems: string;
  missingCapabilities: readonly string[];
  cgroups: readonly Hierarchy[];
  /** Where a tool is; null: nowhere. */
  find(tool: string): Promise<string | null>;
  freeMiB(path: string): number;
  choose: typeof chooseToolchains;
  leftovers(): Promise<Pick<Cleaned, 'removed' | 'running'>>;
}

function thisMachine(): Machine {
  return {
    platform: process.platform,
    uid: process.getuid?.(),
    ...(process.platform === 'linux'
      ? {
          fileSystems: readFileSync('/proc/filesystems', 'utf8'),
          missingCapabilities: capabilitiesMissingHere(),
          cgroups: hierarchies(),
        }
      : { fileSystems: '', missingCapabilities: [], cgroups: [] }),
    async find(tool) {
      const argv = ['/bin/sh', '-c', 'command -v "$1"', 'sh', tool];
      const { status, stdout } = await run(argv, { timeoutMs: 5_000 });
      return status === 0 ? stdout.trim() : null;
    },
    freeMiB,
    choose: chooseToolchains,
    leftovers: () => cleanUp({ dryRun: true }),
  };
}

/** All findings, in the order in which one would mend them. Never throws for what it finds. */
export async function examineMachine(
  context: ToolchainContext,
  machine: Machine = thisMachine(),
): Promise<Finding[]> {
  const looks = [platform, root, capabilities, cgroups, overlay];
  const basics = [...looks.map((look) => look(machine)), ...(await tools(machine)), disk(machine)];
  const ready = basics.every(({ state }) => state !== 'problem');
  const chosen = ready ? await toolchain(context, machine) : [toolchainUnknown()];
  return [...basics, ...chosen, await leftovers(machine)];
}

function platform({ platform }: Machine): Finding {
  return finding(
    ['platform', 'platform'],
    platform === 'linux',
    `${platform}, kernel ${release()}, Node ${process.version}`,
    'containers, namespaces and CRIU are of Linux',
    'use two virtual machines: the Vagrant testbed',
  );
}

function root({ uid }: Machine): Finding {
  return finding(
    ['root', 'root'],
    uid === 0,
    uid === 0 ? 'yes' : `no, user ${uid}`,
    'namespaces, cgroups and CRIU need it',
    'run with sudo',
  );
}

function capabilities({ missingCapabilities: missing }: Machine): Finding {
  const dire = missing.includes('CAP_SYS_ADMIN') || missing.includes('CAP_NET_ADMIN');
  return finding(
    ['capabilities', 'capabilities'],
    missing.length === 0,
    missing.length === 0 ? 'all that CRIU wants' : `missing: ${missing.join(', ')}`,
    dire ? 'no namespace host can be made' : 'CRIU reads limits and sets up processes with them',
    dire
      ? 'run on a machine, or in a container, with more privileges'
      : 'nothing: httpd then runs in a user namespace, and the record says so',
    dire ? 'problem' : 'warning',
  );
}

function cgroups({ cgroups: list }: Machine): Finding {
  return finding(
    ['cgroups', 'cgroups'],
    list.length > 0,
    list.length > 0 ? `${cgroupVersion(list)}, ${list.length} hierarchies` : 'none mounted',
    'runc puts every container into one, and CRIU freezes by it',
    'mount cgroup2 at /sys/fs/cgroup',
  );
}

function overlay({ fileSystems }: Machine): Finding {
  const known = /\boverlay\b/.test(fileSystems);
  return finding(
    ['overlayfs', 'overlayfs'],
    known,
    known ? 'in the kernel' : 'not (yet) in the kernel',
    'a host is an overlay over its toolchain',
    'modprobe overlay',
    'warning',
  );
}

const TOOLS: Record<string, { why: string; package: string }> = {
  ip: { why: 'makes the network of the hosts', package: 'iproute2' },
  nsenter: { why: 'enters the hosts', package: 'util-linux' },
  unshare: { why: 'makes the hosts', package: 'util-linux' },
  setpriv: { why: 'ties builds to the run that started them', package: 'util-linux' },
  mmdebstrap: { why: 'builds Debian root file systems', package: 'mmdebstrap' },
};

async function tools({ find }: Machine): Promise<Finding[]> {
  return Promise.all(
    Object.entries(TOOLS).map(async ([name, tool]) => {
      const path = await find(name);
      const optional = name === 'mmdebstrap';
      return finding(
        [optional ? 'root-builder' : 'tool', name],
        path !== null,
        path ?? 'not installed',
        tool.why,
        optional
          ? `apt-get install ${tool.package}, or use \`toolchain: host\` and a root of your own`
          : `install the package ${tool.package}`,
        optional ? 'warning' : 'problem',
      );
    }),
  );
}

const SPACE_WANTED_MIB = 2_048;

function disk(machine: Machine): Finding {
  const cache = cacheDirectory();
  const free = machine.freeMiB(cache);
  return finding(
    ['disk', 'disk'],
    free >= SPACE_WANTED_MIB,
    `${free} MiB free for ${cache}`,
    'root file systems are kept there, some 150 to 300 MiB each',
    'make room, or set XDG_CACHE_HOME to a larger file system',
  );
}

function freeMiB(path: string): number {
  for (let at = path; ; at = at.slice(0, at.lastIndexOf('/')) || '/') {
    try {
      const { bavail, bsize } = statfsSync(at);
      return Math.floor((bavail * bsize) / 1_048_576);
    } catch {
      if (at === '/') return 0;
    }
  }
}

async function toolchain(context: ToolchainContext, { choose }: Machine): Promise<Finding[]> {
  const why =
    '`criu check` alone does not tell: a toolchain is good when it has dumped and restored a listening process';
  try {
    const chosen = (await choose({ toolchain: { host: 'auto' }, runtime: 'runc' }, context)).get('host');
    if (chosen === undefined) return [toolchainUnknown()];
    const { facts, features } = chosen;
    const found = `${facts.name}: runc ${facts.runtime.version}, CRIU ${facts.criu} (${facts.because})`;
    return [finding(['toolchain', 'toolchain'], true, found, why, ''), kernelFeatures(features)];
  } catch (error) {
    return [
      finding(
        ['toolchain', 'toolchain'],
        false,
        messageOf(error),
        why,
        'install a CRIU that knows this kernel, and name it with `toolchain: path:/DIRECTORY`',
      ),
    ];
  }
}

function kernelFeatures(features: Record<string, boolean>): Finding {
  const lacking = Object.keys(features).filter((name) => !features[name]);
  const there = Object.keys(features).filter((name) => features[name]);
  return finding(
    ['features', 'criu check'],
    lacking.length === 0,
    lacking.length === 0
      ? there.join(', ')
      : `not on this kernel: ${lacking.join(', ')}; there: ${there.join(', ')}`,
    lacking.map((name) => `${name}: ${FEATURES[name]}`).join(', ') ||
      'strategies beyond stop-and-copy need them',
    'nothing for stop-and-copy; a kernel with these options for the rest',
    'warning',
  );
}

function toolchainUnknown(): Finding {
  return finding(
    ['toolchain', 'toolchain'],
    false,
    'not tried, because of the problems above',
    'a run needs one that works on this kernel',
    'mend the problems above first',
    'warning',
  );
}

async function leftovers(machine: Machine): Promise<Finding> {
  const { removed, running } = await machine.leftovers();
  const found = removed.length === 0 ? 'none' : removed.join('; ');
  return finding(
    ['leftovers', 'leftovers'],
    removed.length === 0,
    running.length > 0 ? `${found} (${running.length} run going on)` : found,
    'killed runs leave cgroups and state behind',
    'thaw clean',
    'warning',
  );
}
