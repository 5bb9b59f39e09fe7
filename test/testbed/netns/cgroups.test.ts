import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  cgroupsNamed,
  cgroupVersion,
  forHosts,
  hierarchies,
} from '../../../harness/testbed/netns/cgroups.ts';

const HYBRID = `31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
37 31 0:34 / /sys/fs/cgroup/freezer rw,relatime - cgroup cgroup rw,freezer
40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw`;
const UNIFIED = '30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot';

test('a hybrid machine shows its controllers, its named hierarchy and the unified one', () => {
  const found = hierarchies(HYBRID);
  expect(found.map(({ directory, type, options }) => [directory, type, options])).toEqual([
    ['cpu,cpuacct', 'cgroup', 'cpu,cpuacct'],
    ['freezer', 'cgroup', 'freezer'],
    ['systemd', 'cgroup', 'none,name=systemd'],
    ['unified', 'cgroup2', ''],
  ]);
  expect(cgroupVersion(found)).toBe('hybrid');
});

test('on a v2 machine the unified hierarchy is mounted at /sys/fs/cgroup itself', () => {
  const found = forHosts(hierarchies(UNIFIED), 'machine');
  expect(found).toEqual([{ mountPoint: '/sys/fs/cgroup', directory: '', type: 'cgroup2', options: '' }]);
  expect(cgroupVersion(found)).toBe('v2');
});

test('`v2` shows hosts only the unified hierarchy of a hybrid machine', () => {
  expect(cgroupVersion(forHosts(hierarchies(HYBRID), 'v2'))).toBe('v2');
});

test('cgroups of ours are found by their prefix, each once', () => {
  const root = mkdtempSync(join(tmpdir(), 'thaw-cgroups-'));
  for (const path of ['a/thaw-1-rhel01/init', 'a/user.slice', 'b/thaw-1-rhel01', 'b/thaw-2-client']) {
    mkdirSync(join(root, path), { recursive: true });
  }
  writeFileSync(join(root, 'a/thaw-file'), '');
  const list = ['a', 'b'].map((name) => ({
    mountPoint: join(root, name),
    directory: name,
    type: 'cgroup' as const,
    options: name,
  }));
  expect(cgroupsNamed(list, 'thaw-')).toEqual(['thaw-1-rhel01', 'thaw-2-client']);
  rmSync(root, { recursive: true });
});
