import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HostState } from '../../harness/testbed/manage.ts';
import { inventory, settledInventory } from '../e2e/machine.ts';
import { recordOf, scratch, thaw } from '../e2e/thaw.ts';
import { onGuest } from './guest.ts';
import { whyNoMachines } from './machines.ts';
import { movedOnce, SLOW } from './once.ts';

const why = whyNoMachines();
let place: ReturnType<typeof scratch>;
beforeEach(() => {
  place = scratch();
});
afterEach(() => place.remove());

describe.skipIf(why !== null)(`two virtual machines${why === null ? '' : ` (skipped: ${why})`}`, () => {
  test('are up, and doctor finds nothing that stands against a run', async () => {
    const up = await thaw('testbed', 'up', '--json');
    const hosts = JSON.parse(up.stdout) as HostState[];
    expect(hosts.map(({ name, up }) => [name, up])).toEqual([
      ['rhel01', true],
      ['rhel02', true],
    ]);
    const examined = await thaw('doctor', '--testbed', 'vagrant', '--json');
    expect(examined.status).toBe(0);
    const findings = JSON.parse(examined.stdout) as { what: string; state: string; found: string }[];
    const found = (what: string) => findings.find((finding) => finding.what === what);
    expect(found('rhel02 share')).toMatchObject({
      state: 'ok',
      found: expect.stringMatching(/^10\.77\.0\.11:\/srv\/runc nfs4 \(vers=4\.2, hard\)$/),
    });
    expect(found('rhel01, rhel02')).toMatchObject({ state: 'ok' });
    expect(found('CPU rhel01 → rhel02')).toMatchObject({ state: 'ok' });
    expect(findings.filter(({ state }) => state === 'problem')).toEqual([]);
  });

  test('httpd moves over NFS and answers with the names of the hosts in turn', async () => {
    const before = inventory();
    const ended = await thaw('run', 'scenarios/httpd.yaml', ...SLOW, '--count', '1', '--reports', place.path);
    const record = recordOf(ended);
    expect({ status: ended.status, verdict: record.verdict }).toEqual({ status: 0, verdict: 'pass' });
    expect(record.servedBy.map(({ host }) => host)).toEqual(['rhel01', 'rhel02', 'rhel01']);
    for (const migration of record.migrations) {
      expect(migration.outcome).toEqual({ state: 'completed' });
      expect(migration.pagesAgree).toBe(true);
      expect(migration.frozenWindow).toHaveProperty('window');
      expect(migration.downtime).toHaveProperty('ms');
      expect(migration.clocks.map(({ wallStepMs }) => wallStepMs)).toEqual([0, 0]);
    }
    for (const host of record.head.hosts) {
      expect(host).toMatchObject({ cgroup: 'v2', missingCapabilities: [], toolchain: { name: 'host' } });
      expect(host.kernel).toMatch(/^6\.1\./);
    }
    expect(await settledInventory(before)).toEqual(before);
    // No service address and no rule of CRIU's: each is counted.
    for (const host of ['rhel01', 'rhel02']) expect(leftOn(host)).toEqual(['0', '0']);
  });

  test('a kept connection to nginx survives, and no request on it is lost', async () => {
    const args = ['scenarios/nginx-established.yaml', ...SLOW, '--count', '1', '--reports', place.path];
    const record = recordOf(await thaw('run', ...args));
    expect(record.verdicts.filter(({ state }) => state !== 'pass')).toEqual([]);
    for (const { connections } of record.migrations)
      expect(connections).toMatchObject({ survived: 1, broken: 0 });
  });

  test('pre-copy leaves less for the dump than the first pre-dump wrote, and the container is served again', async () => {
    const { spans, preDumps, dumpStats, pagesAgree } = await movedOnce('pre-copy', place.path);
    expect(spans.map(({ name }) => name).slice(0, 3)).toEqual(['pre-dump', 'pre-dump', 'dump']);
    const [first] = preDumps.map(({ stats }) => ('unknown' in stats ? 0 : stats.pages_written));
    if ('unknown' in dumpStats) throw new Error(dumpStats.unknown);
    expect(pagesAgree).toBe(true);
    expect(dumpStats.pages_skipped_parent).toBeGreaterThan(0);
    expect(dumpStats.pages_written).toBeLessThan((first ?? 0) / 2);
  });

  test('post-copy resumes the container before its memory has come, and all of it comes', async () => {
    const { spans, lazyPages } = await movedOnce('post-copy', place.path);
    if (lazyPages === null || 'unknown' in lazyPages) throw new Error(JSON.stringify(lazyPages));
    expect(lazyPages.transferred).toBe(lazyPages.total);
    expect(lazyPages.total).toBeGreaterThan(10);
    const end = (name: string) => spans.find((span) => span.name === name)?.end.earliest ?? Number.NaN;
    expect(end('lazy-pages')).toBeGreaterThan(end('restore'));
  });

  test("a guest's clock may be off by minutes, and be set in the middle: the figures stay true", async () => {
    onGuest('rhel02', 'date -s "@$(( $(date +%s) - 400 ))" >/dev/null');
    // The source's wall clock is set forward again and again while CRIU dumps.
    const step =
      'while [ ! -e /run/stop-steps ]; do pidof criu >/dev/null && date -s "+90 seconds" >/dev/null; sleep 0.7; done';
    onGuest('rhel01', `rm -f /run/stop-steps; nohup sh -c '${step}' >/dev/null 2>&1 </dev/null &`);
    try {
      const args = [
        'scenarios/httpd.yaml',
        ...SLOW,
        '--warm-up',
        '0',
        '--count',
        '1',
        '--reports',
        place.path,
      ];
      const record = recordOf(await thaw('run', ...args));
      const [migration] = record.migrations;
      if (migration === undefined || !('window' in migration.frozenWindow) || !('ms' in migration.downtime))
        throw new Error(JSON.stringify(migration));
      const { window } = migration.frozenWindow;
      expect(migration.clocks.find(({ host }) => host === 'rhel01')?.wallStepMs).toBeGreaterThan(80_000);
      // The client's own clock is the judge: the container could not be frozen longer than nobody was served.
      expect(window.atLeastMs).toBeLessThanOrEqual(migration.downtime.bracketMs);
      expect(window.atMostMs).toBeGreaterThanOrEqual(migration.downtime.ms - 3_000);
      // How wide it is depends on how busy the machine is; a step of the clock would show as 90 s.
      expect(window.atMostMs - window.atLeastMs).toBeLessThan(45_000);
      const frozenTime = record.distributions.find(({ measurement }) => measurement === 'frozen_time');
      expect(frozenTime).toMatchObject({
        values: [],
        unknown: [
          {
            number: 1,
            why: expect.stringMatching(/^the wall clock of rhel01, by which CRIU counts, was set/),
          },
        ],
      });
    } finally {
      onGuest('rhel01', 'touch /run/stop-steps; sleep 2; rm -f /run/stop-steps');
    }
  });
});

/** What a run could have left on a guest. */
function leftOn(host: string): string[] {
  return onGuest(
    host,
    'runc list -q; ip -o -4 address show | grep -c 10.77.0.100; iptables-save | grep -c 0xc114; ls /run/thaw-criu.conf; pidof criu apache2; true',
  )
    .trim()
    .split('\n');
}
