/** The machine's cgroup hierarchies, and directories of ours in them: v1, hybrid and v2. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { killOne } from '../../host/process-tree.ts';
import type { HostFacts } from '../../model.ts';

export interface Hierarchy {
  /** Where this machine has it mounted. */
  mountPoint: string;
  /** Directory name below /sys/fs/cgroup inside a host; '' where it is /sys/fs/cgroup itself. */
  directory: string;
  type: 'cgroup' | 'cgroup2';
  /** Mount options that select it: controllers, or `none,name=systemd`. */
  options: string;
}

const CONTROLLERS = new Set(
  'cpu cpuacct cpuset memory devices freezer blkio pids net_cls net_prio perf_event hugetlb rdma misc'.split(
    ' ',
  ),
);

/** Hierarchies mounted on this machine, from the text of /proc/self/mountinfo. */
export function hierarchies(mountinfo: string = readFileSync('/proc/self/mountinfo', 'utf8')): Hierarchy[] {
  const found = new Map<string, Hierarchy>();
  for (const line of mountinfo.split('\n')) {
    const [before, after] = line.split(' - ');
    const [type, , superOptions] = (after ?? '').split(' ');
    const mountPoint = before?.split(' ')[4];
    if (mountPoint === undefined || superOptions === undefined) continue;
    if (type === 'cgroup2') found.set('cgroup2', unified(mountPoint));
    if (type === 'cgroup') {
      const options = selecting(superOptions);
      if (options !== '') found.set(options, { mountPoint, directory: nameOf(options), type, options });
    }
  }
  return [...found.values()];
}

/** Which cgroup version hosts see, given the hierarchies that they get. */
export function cgroupVersion(list: readonly Hierarchy[]): HostFacts['cgroup'] {
  const v1 = list.some((h) => h.type === 'cgroup' && !h.options.includes('name='));
  const v2 = list.some((h) => h.type === 'cgroup2');
  return v1 ? (v2 ? 'hybrid' : 'v1') : 'v2';
}

/** The hierarchies that a host is to see; alone, the unified one is mounted at /sys/fs/cgroup itself. */
export function forHosts(all: readonly Hierarchy[], wanted: 'machine' | 'v2'): Hierarchy[] {
  const chosen = wanted === 'v2' ? all.filter((h) => h.type === 'cgroup2') : [...all];
  const onlyUnified = chosen.length === 1 && chosen[0]?.type === 'cgroup2';
  return chosen.map((h) => (onlyUnified ? { ...h, directory: '' } : h));
}

/** Makes the cgroup `name` in every hierarchy, ready to hold processes and to have children. */
export function makeCgroup(list: readonly Hierarchy[], name: string): void {
  for (const hierarchy of list) {
    const directory = join(hierarchy.mountPoint, name);
    mkdirSync(directory, { recursive: true });
    // A v1 cpuset without CPUs and memory nodes takes no process.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      if (hierarchy.type === 'cgroup' && existsSync(join(directory, file))) {
        const parent = readFileSync(join(directory, '..', file), 'utf8');
        writeFileSync(join(directory, file), parent);
      }
    }
  }
}

/** Ends what still runs in a cgroup and its children, and removes them from every hierarchy. */
export async function removeCgroup(list: readonly Hierarchy[], name: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    for (const { mountPoint } of list) thaw(join(mountPoint, name));
    for (const pid of processesIn(list, name)) killOne(pid, 'SIGKILL');
    try {
      for (const { mountPoint } of list) removeTree(join(mountPoint, name));
      return;
    } catch (error) {
      // A process that was killed leaves its cgroup a moment later.
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || attempt >= 200) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** PIDs in a cgroup and its children, over all hierarchies. */
export function processesIn(list: readonly Hierarchy[], name: string): number[] {
  const pids = new Set<number>();
  for (const { mountPoint } of list) collect(join(mountPoint, name), pids);
  return [...pids];
}

/** Names of top-level cgroups with this prefix, over all hierarchies. */
export function cgroupsNamed(list: readonly Hierarchy[], prefix: string): string[] {
  const names = list.flatMap(({ mountPoint }) => directories(mountPoint));
  return [...new Set(names.filter((name) => name.startsWith(prefix)))].sort();
}

function unified(mountPoint: string): Hierarchy {
  return { mountPoint, directory: 'unified', type: 'cgroup2', options: '' };
}

function selecting(superOptions: string): string {
  const options = superOptions.split(',');
  const name = options.find((option) => option.startsWith('name='));
  return name === undefined ? options.filter((o) => CONTROLLERS.has(o)).join(',') : `none,${name}`;
}

function nameOf(options: string): string {
  return options.startsWith('none,name=') ? options.slice('none,name='.length) : options;
}

function directories(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}

function collect(directory: string, pids: Set<number>): void {
  try {
    const text = readFileSync(join(directory, 'cgroup.procs'), 'utf8');
    for (const pid of text.split('\n').filter(Boolean)) pids.add(Number(pid));
  } catch {
    return;
  }
  for (const child of directories(directory)) collect(join(directory, child), pids);
}

/** A run that was killed in the middle of a freeze leaves frozen tasks, and those do not die of SIGKILL. */
function thaw(directory: string): void {
  for (const child of directories(directory)) thaw(join(directory, child));
  for (const [file, thawed] of [
    ['freezer.state', 'THAWED'],
    ['cgroup.freeze', '0'],
  ] as const) {
    const path = join(directory, file);
    if (existsSync(path)) writeFileSync(path, thawed);
  }
}

function removeTree(directory: string): void {
  for (const child of directories(directory)) removeTree(join(directory, child));
  try {
    rmdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
