import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recordOf, scenario, scratch, start, thaw } from '../../e2e/thaw.ts';
import { onGuest, whenever } from '../guest.ts';
import { whyNoMachines } from '../machines.ts';
import { SLOW } from '../once.ts';

const why = whyNoMachines();
let place: ReturnType<typeof scratch>;
beforeEach(() => {
  place = scratch();
});
afterEach(() => place.remove());

describe.skipIf(why !== null)(`what is gone${why === null ? '' : ` (skipped: ${why})`}`, () => {
  test('the NFS server in the middle of a dump: the run ends with a record, and nothing hangs once it is back', async () => {
    // rhel01 serves, and is the destination. CRIU's log is the first that its dump makes on the share.
    const begun = '[ -n "$(ls /srv/runc/images/nginx/*/dump.log 2>/dev/null)" ]';
    const gone = 'echo 0 >/proc/fs/nfsd/threads; sleep 150; systemctl restart nfs-server';
    onGuest('rhel01', 'rm -rf /srv/runc/images/nginx');
    whenever('rhel01', [[begun, gone]]);
    const file = place.write(
      'nginx.yaml',
      scenario('nginx-established', (text) =>
        text
          .replace('  count: 5', '  path: [rhel02, rhel01]\n  count: 1\n  timeout: 40s')
          .replace('warm-up: 1', 'warm-up: 0'),
      ),
    );
    const { child, ended } = start(['run', file, ...SLOW, '--reports', place.path]);
    const record = recordOf(await ended);
    expect(child.exitCode).toBe(1);
    const [migration] = record.migrations;
    expect(migration?.outcome).toMatchObject({
      state: 'failed',
      // A dump that was as good as over ends, and what it wrote cannot be read.
      phase: expect.stringMatching(/^(arm|dump|restore)$/),
    });
    expect(record.tail?.endedMs).toBeGreaterThan(0);
    // What waited for the server has its answer now, and has been ended by its limit.
    for (const host of ['rhel01', 'rhel02']) {
      let left = 'not asked';
      for (let i = 0; i < 60 && left !== ''; i++) {
        left = onGuest(host, 'runc list -q; pidof nginx criu runc');
        if (left !== '') await sleep(5_000);
      }
      expect([host, left]).toEqual([host, '']);
    }
  });

  test("root, where sudo wants a password: an error that says whose, and the other host's is fine", async () => {
    const back = 'sleep 40; mv /root/vagrant.sudoers /etc/sudoers.d/vagrant';
    onGuest(
      'rhel02',
      `mv /etc/sudoers.d/vagrant /root/vagrant.sudoers; nohup setsid sh -c '${back}' >/dev/null 2>&1 </dev/null &`,
    );
    const begun = Date.now();
    try {
      const ended = await thaw('run', 'scenarios/httpd.yaml', ...SLOW, '--reports', place.path);
      expect([ended.status, ended.stderr]).toEqual([
        2,
        expect.stringMatching(/commands on rhel02 are not root's: sudo: .*\n.*NOPASSWD/s),
      ]);
    } finally {
      await sleep(Math.max(0, 45_000 - (Date.now() - begun)));
    }
    expect(onGuest('rhel02', 'id -u').trim()).toBe('0');
  });

  test('the time to boot: the error has the last lines of the console, and the machines come up later', async () => {
    expect((await thaw('testbed', 'down')).status).toBe(0);
    process.env.THAW_VAGRANT_BOOT_TIMEOUT = '10';
    try {
      const ended = await thaw('testbed', 'up');
      expect(ended.status).toBe(2);
      expect(ended.stderr).toMatch(
        /rhel0[12] did not boot within 10 s\n {2}console of rhel0[12]:\n( +.*\n)+next:/,
      );
      expect(ended.stderr).toContain('look at the console of the machine');
    } finally {
      delete process.env.THAW_VAGRANT_BOOT_TIMEOUT;
    }
    expect((await thaw('testbed', 'up')).status).toBe(0);
  });
});
