import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DrawnFault } from '../../harness/analysis/faults/draw.ts';
import { startClock } from '../../harness/clock.ts';
import { diagnoseMigration } from '../../harness/diagnosis/migration.ts';
import { evidenceIn } from '../../harness/diagnosis/read.ts';
import { killOne } from '../../harness/host/process-tree.ts';
import { type Migration, migrate } from '../../harness/migration/migrate.ts';
import type { MigrationObservation } from '../../harness/model.ts';
import { prepare, type Stage } from '../../harness/prepare.ts';
import { noProgress } from '../../harness/report/progress.ts';
import { startContainer } from '../../harness/runtime/container.ts';
import { parseScenario } from '../../harness/scenario/load.ts';
import { openScope, type Scope } from '../../harness/scope.ts';
import { cgroupsNamed, hierarchies, processesIn } from '../../harness/testbed/netns/cgroups.ts';
import { hostOf } from '../../harness/testbed/testbed.ts';
import { inventory, settledInventory, whyNotHere } from './machine.ts';
import { scenario } from './thaw.ts';

const why = whyNotHere();
const clock = startClock();
const LIMIT = { timeoutMs: 20_000 };
let scope: Scope;
let directory: string;
beforeEach(() => {
  scope = openScope();
  directory = mkdtempSync(join(tmpdir(), 'thaw-faults-'));
});
afterEach(async () => {
  await scope.close();
  rmSync(directory, { recursive: true });
});

// `refuse` keeps CRIU from being asked for anything but the dump itself; nobody is connected here.
async function staged(change: (text: string) => string = (text) => text): Promise<Stage> {
  return stagedBy(change(scenario('httpd', (t) => t.replace('connections: auto', 'connections: refuse'))));
}

function stagedBy(text: string): Promise<Stage> {
  const transcript = { record: () => {}, close: async () => {} };
  const setting = { clock, transcript, progress: noProgress(), signal: new AbortController().signal, scope };
  return prepare(parseScenario(text, 'faults.yaml'), setting);
}

/** Breaks something between the dump and the restore: that is when it is called on that host in that role. */
function handoverHook(role: 'claim' | 'release', host: 'rhel01' | 'rhel02', action: string): string {
  const file = join(directory, 'hook.sh');
  const here = `[ "$1" = ${role} ] && [ "$(uname -n)" = ${host} ] || exit 0`;
  writeFileSync(file, `#!/bin/sh\nread -r _ || exit 0\n${here}\n${action}\n`);
  chmodSync(file, 0o755);
  return `handover: { hook: ${file} }\n`;
}

/** It accepts nobody until it is told to. */
const LATE = `
name: late
why: its first client waits to be accepted
bundle:
  name: late
  root: { debian: { suite: bookworm, packages: [perl-base] } }
  args:
    - /usr/bin/perl
    - -e
    - |
      use Socket;
      socket(my $s, AF_INET, SOCK_STREAM, 0) or die;
      bind($s, pack_sockaddr_in(80, INADDR_ANY)) or die;
      listen($s, 8) or die;
      select(undef, undef, undef, 0.002) until -e "/srv/accept";
      while (accept(my $c, $s)) { syswrite($c, "late\\n") }
  user-namespace: never
  tmpfs: [/tmp, /run]
  binds: [{ source: /tmp/late, destination: /srv }]
  host-files: { /tmp/late/index.html: "{host}\\n" }
migration: { in-flight: retry, connections: established, image-directory: per-migration }
`;

function once(stage: Stage, number = 1, drawn: readonly DrawnFault[] = []) {
  const migration: Migration = {
    number,
    warmUp: false,
    source: hostOf(stage.testbed, 'rhel01'),
    destination: hostOf(stage.testbed, 'rhel02'),
    scenario: stage.scenario,
    container: stage.container,
    connections: stage.connections,
    clock,
    faults: { drawn, disturb: stage.testbed.disturb, killClient: () => {} },
    filesDirectory: join(directory, String(number)),
    files: `migrations/${number}`,
  };
  return migrate(migration);
}

/** The known failure that the logs of a migration show. */
function diagnosisOf({ facts }: Stage, observation: MigrationObservation) {
  const evidence = evidenceIn(join(directory, String(observation.number)));
  return diagnoseMigration(facts, observation, evidence);
}

async function answersOn(stage: Stage, name: 'rhel01' | 'rhel02'): Promise<string> {
  const { host } = hostOf(stage.testbed, name);
  const ask = `exec 3<>/dev/tcp/127.0.0.1/80; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; tail -n 1 <&3`;
  return (await host.exec(['bash', '-c', ask], { ...LIMIT, allowFailure: true })).stdout.trim();
}

/** A busy machine is slow. */
const LONG = { timeout: 20_000 };

describe.skipIf(why !== null)(`faults${why === null ? '' : ` (skipped: ${why})`}`, () => {
  test('a descriptor that leads outside makes the dump fail; the container runs on where it was', async () => {
    const before = inventory();
    const stage = await staged();
    const { host } = hostOf(stage.testbed, 'rhel01');
    await host.exec(['runc', 'delete', '--force', stage.container.id], LIMIT);
    const outside = 'echo x >/tmp/outside; exec runc run -d "$1" </tmp/outside >/dev/null 2>&1';
    await host.exec(['/bin/sh', '-c', outside, 'sh', stage.container.id], {
      ...LIMIT,
      cwd: stage.container.bundle,
    });
    const observation = await once(stage);
    const { outcome, dropRules } = observation;
    expect(diagnosisOf(stage, observation)?.failure).toBe('descriptor-of-the-host');
    expect(outcome).toMatchObject({ state: 'failed', phase: 'dump', survivor: 'rhel01', rolledBack: false });
    expect(dropRules).toEqual({ found: 0, removed: 0 });
    expect(await answersOn(stage, 'rhel01')).toBe('rhel01');
    expect(await scope.close()).toEqual([]);
    expect(await settledInventory(before)).toEqual(before);
  });

  test('a restore that fails on the destination is rolled back to the source, which serves again', async () => {
    const stage = await staged();
    // The bind mount of the bundle has no source there.
    await hostOf(stage.testbed, 'rhel02').host.exec(['rm', '-r', '/tmp/rhel7-httpd'], LIMIT);
    const observation = await once(stage);
    const { outcome, steps } = observation;
    expect(diagnosisOf(stage, observation)?.failure).toBe('bind-source-missing');
    expect(outcome).toMatchObject({
      state: 'failed',
      phase: 'restore',
      survivor: 'rhel01',
      rolledBack: true,
    });
    expect(steps['rollback-restore']?.status).toBe(0);
    expect(await answersOn(stage, 'rhel01')).toBe('rhel01');
    await hostOf(stage.testbed, 'rhel02').host.exec(['mkdir', '/tmp/rhel7-httpd'], LIMIT);
    expect((await once(stage, 2)).outcome).toEqual({ state: 'completed' });
  });

  test('a share that is full when a restore fails is in the way of no roll back', async () => {
    // On a disk, not even a directory then fits; and what the container needs at the destination is not there.
    const fill =
      'cat /dev/zero >/runc/fill 2>/dev/null; while mkdir /runc/fill-$((i = i + 1)); do :; done 2>/dev/null';
    const hook = handoverHook('claim', 'rhel02', `rm -r /tmp/rhel7-httpd; ${fill}; :`);
    // Only so is the share on a disk; `once` draws no fault of its own accord.
    const onDisk = 'faults: [{ kind: hang-share, at: dump }]\n';
    const stage = await staged((text) => `${text}\n${hook}${onDisk}testbed: { share: 32MiB }\n`);
    const { outcome } = await once(stage);
    expect(outcome).toMatchObject({
      state: 'failed',
      phase: 'restore',
      survivor: 'rhel01',
      rolledBack: true,
    });
    expect(readFileSync(join(directory, '1/rollback.log'), 'utf8')).toContain(
      'Restore finished successfully',
    );
    expect(await answersOn(stage, 'rhel01')).toBe('rhel01');
  });

  test('an image that is gone is a total loss, recorded as such', async () => {
    const hook = handoverHook('release', 'rhel01', 'rm -f /runc/images/*/0001/pages-*.img');
    const stage = await staged((text) => `${text}\n${hook}`);
    const observation = await once(stage);
    const { outcome } = observation;
    expect(diagnosisOf(stage, observation)?.failure).toBe('page-image-unreadable');
    expect(outcome).toMatchObject({ state: 'failed', phase: 'restore', survivor: null, rolledBack: false });
  });

  test('a destination that is gone fails before the freeze; the source is not touched', async () => {
    const stage = await staged();
    const all = hierarchies();
    for (const name of cgroupsNamed(all, 'thaw-').filter((n) => n.endsWith('-rhel02'))) {
      for (const pid of processesIn(all, name)) killOne(pid, 'SIGKILL');
    }
    const { outcome, steps } = await once(stage);
    expect(outcome).toMatchObject({ state: 'failed', phase: 'arm', survivor: 'rhel01' });
    expect(steps).toEqual({});
    expect(await answersOn(stage, 'rhel01')).toBe('rhel01');
  });

  test('a full share makes the dump fail, and the container runs on', async () => {
    const stage = await staged((text) => `${text}\ntestbed: { share: 16MiB }\n`);
    const { host } = hostOf(stage.testbed, 'rhel01');
    await host.exec(['/bin/sh', '-c', 'dd if=/dev/zero of=/runc/fill bs=1M count=14 2>/dev/null; :'], LIMIT);
    const observation = await once(stage);
    const { outcome } = observation;
    expect(diagnosisOf(stage, observation)?.failure).toBe('no-space');
    expect(outcome).toMatchObject({ state: 'failed', phase: 'dump', survivor: 'rhel01' });
    expect(await answersOn(stage, 'rhel01')).toBe('rhel01');
    await host.exec(['rm', '/runc/fill'], LIMIT);
    expect((await once(stage, 2)).outcome).toEqual({ state: 'completed' });
  });

  test('images that find no room at the destination are rolled back from those at the source', async () => {
    const stage = await staged((text) => text.replace('migration:', 'migration:\n  transfer: copy'));
    const { host } = hostOf(stage.testbed, 'rhel02');
    const small = 'mkdir -p /run/thaw-images && mount -t tmpfs -o size=256k small /run/thaw-images';
    await host.exec(['/bin/sh', '-c', small], LIMIT);
    const observation = await once(stage);
    const { outcome } = observation;
    expect(outcome).toMatchObject({
      state: 'failed',
      phase: 'transfer',
      survivor: 'rhel01',
      rolledBack: true,
    });
    expect(diagnosisOf(stage, observation)?.failure).toBe('no-space');
    expect(await answersOn(stage, 'rhel01')).toBe('rhel01');
    await host.exec(['umount', '/run/thaw-images'], LIMIT);
    expect((await once(stage, 2)).outcome).toEqual({ state: 'completed' });
  });

  test('pages that a page server has taken come back to the source when the restore fails', async () => {
    // What the container would have to find there.
    const hook = handoverHook('claim', 'rhel02', 'rm -f /run/thaw-images/*/0001/inventory.img');
    const paged = (text: string) => text.replace('migration:', 'migration:\n  transfer: page-server');
    const stage = await staged((text) => `${paged(text)}\n${hook}`);
    const observation = await once(stage);
    expect(observation.outcome).toMatchObject({
      state: 'failed',
      phase: 'restore',
      survivor: 'rhel01',
      rolledBack: true,
    });
    expect(await answersOn(stage, 'rhel01')).toBe('rhel01');
    expect((await once(stage, 2)).outcome).toEqual({ state: 'completed' });
  });

  test('a connection that nobody has accepted makes the dump begin anew, and it moves once it is accepted', async () => {
    const stage = await stagedBy(LATE);
    const { host } = hostOf(stage.testbed, 'rhel01');
    // The server may not listen yet.
    const connected = 'until { exec 3<>/dev/tcp/127.0.0.1/80; } 2>/dev/null; do sleep 0.05; done';
    const waiting = `${connected}; echo waits; read -r said <&3 && echo "$said"`;
    const client = host.spawn(['bash', '-c', waiting], {});
    let heard = '';
    client.stdout.on('data', (chunk) => {
      heard += chunk;
    });
    await expect.poll(() => heard, LONG).toBe('waits\n');
    // The server accepts when CRIU has said why it cannot be dumped.
    const log = `/runc/images/${stage.container.id}/0001/dump.log`;
    const accept = 'until grep -q "In-flight connection" "$1"; do :; done 2>/dev/null; : >/tmp/late/accept';
    const told = host.exec(['/bin/sh', '-c', accept, 'sh', log], LIMIT);
    const { outcome, retries } = await once(stage);
    await told;
    expect(outcome).toEqual({ state: 'completed' });
    expect(retries).toBeGreaterThanOrEqual(1);
    await expect.poll(() => heard, LONG).toBe('waits\nlate\n');
  });

  test('CRIU killed in the middle of a dump leaves the container running', async () => {
    const stage = await staged();
    // CRIU sends itself SIGKILL when the tasks are seized and have its parasite; no other process could be as punctual.
    const observation = await once(stage, 1, [
      { kind: 'criu-fault', at: 'dump', place: 'source', afterMs: 0, forMs: 0, number: 1 },
    ]);
    const { outcome } = observation;
    expect(readFileSync(join(directory, '1', 'dump.log'), 'utf8')).toContain('fault: CRIU sudden detach');
    expect(diagnosisOf(stage, observation)?.failure).toBe('criu-died');
    expect(outcome).toMatchObject({ state: 'failed', phase: 'dump', survivor: 'rhel01' });
    expect(await answersOn(stage, 'rhel01')).toBe('rhel01');
  });

  test('a container that cannot start is told with what runc said', async () => {
    const stage = await staged();
    const { host } = hostOf(stage.testbed, 'rhel01');
    await expect(startContainer(host, stage.container)).rejects.toThrow(/already exists|in use/);
  });
});
