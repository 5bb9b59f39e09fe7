import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inventory, settledInventory } from '../../e2e/machine.ts';
import { recordOf, scratch, start, thaw } from '../../e2e/thaw.ts';
import { onGuest } from '../guest.ts';
import { whyNoMachines } from '../machines.ts';
import { SLOW } from '../once.ts';

const why = whyNoMachines();
const HOSTS = ['rhel01', 'rhel02'];
let place: ReturnType<typeof scratch>;
beforeEach(() => {
  place = scratch();
});
afterEach(() => place.remove());

/** What a guest has of everything that a migration makes; kernel threads and what looks are left out. */
const COUNT = `
echo "processes $(ps -eo ppid=,comm= | grep -vE '^ *2 |ps$|grep$|wc$|sh$|sudo$|bash$|sshd$' | wc -l)"
echo "connections $(pgrep -c -f 'sshd: vagrant@notty')"
echo "mounts $(wc -l </proc/self/mountinfo)"
echo "cgroups $(find /sys/fs/cgroup -type d | wc -l)"
echo "addresses $(ip -o address | wc -l)"
echo "rules $(iptables-save | grep -vc '^[#:]')"
echo "files of /run and /tmp $(find /run /tmp -xdev 2>/dev/null | grep -vE '/(systemd|udev|sudo|user|log|credentials)/' | wc -l)"
echo "files of /runc $(find /runc -xdev -name rootfs -prune -o -print | wc -l)"
`;
const counted = (): Record<string, string[]> =>
  Object.fromEntries(HOSTS.map((host) => [host, onGuest(host, COUNT).trim().split('\n')]));

/** While a run goes on: open descriptors of Thaw's process, and what it has running on the guests. */
function held(pid: number): { descriptors: number; channels: number[] } {
  return {
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    channels: HOSTS.map((host) => Number(onGuest(host, "pgrep -c -f 'thaw-pid'").trim())),
  };
}

describe.skipIf(why !== null)(`many migrations in a row${why === null ? '' : ` (skipped: ${why})`}`, () => {
  // A migration takes an emulated machine half a minute, and twice that beside other work.
  test('20 leave nothing behind, on the guests and here', { timeout: 2_400_000 }, async () => {
    const run = ['run', 'scenarios/httpd.yaml', ...SLOW, '--warm-up', '0', '--reports', place.path];
    // What the first run brings stays: the container's root on the share.
    expect((await thaw(...run, '--count', '2')).status).toBe(0);
    const [before, ours] = [counted(), inventory()];
    const reports = join(place.path, 'twenty');
    const { child, ended } = start([...run, '--count', '20', '--reports', reports]);
    const seen: ReturnType<typeof held>[] = [];
    for (const after of [4, 19]) {
      while (child.exitCode === null && migrated(reports) < after) await sleep(200);
      if (child.exitCode === null) seen.push(held(child.pid as number));
    }
    const end = await ended;
    const record = recordOf(end);
    expect(record.migrations.map(({ outcome }) => outcome.state)).toEqual(Array(20).fill('completed'));
    expect({ status: end.status, verdict: record.verdict }).toEqual({ status: 0, verdict: 'pass' });
    expect(seen.length).toBe(2);
    const [early, late] = seen as [ReturnType<typeof held>, ReturnType<typeof held>];
    // A look may meet a step that the other did not: one step's own channel and its pipes.
    expect(late.descriptors - early.descriptors).toBeLessThan(8);
    for (const [i, channels] of late.channels.entries())
      expect(channels - (early.channels[i] ?? 0)).toBeLessThan(4);
    expect(counted()).toEqual(before);
    expect(await settledInventory(ours)).toEqual(ours);
    process.stderr.write(`${JSON.stringify({ before, early, late })}\n`);
  });
});

function migrated(reports: string): number {
  try {
    const [run = ''] = readdirSync(join(reports, 'httpd')).filter((name) => name !== 'latest');
    return readFileSync(join(reports, 'httpd', run, 'migrations.ndjson'), 'utf8').split('\n').length - 1;
  } catch {
    return 0;
  }
}
