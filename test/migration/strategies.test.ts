import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startClock } from '../../harness/clock.ts';
import { CommandError } from '../../harness/host/host.ts';
import { sharedClock } from '../../harness/host/host-clock.ts';
import { whyUnable } from '../../harness/migration/ability.ts';
import { addressIn } from '../../harness/migration/address.ts';
import { type Connections, decideConnections } from '../../harness/migration/connections.ts';
import { hybrid } from '../../harness/migration/hybrid.ts';
import { collectFiles, collectRollBack, prepareImages } from '../../harness/migration/images.ts';
import { aftermath, type Migration, type Moved, toldOfRoom } from '../../harness/migration/migrate.ts';
import { postCopy } from '../../harness/migration/post-copy.ts';
import { preCopy } from '../../harness/migration/pre-copy.ts';
import { stopAndCopy } from '../../harness/migration/stop-and-copy.ts';
import type { PreDumpPlan, Scenario, Strategy } from '../../harness/model.ts';
import type { Observer, TestbedHost } from '../../harness/testbed/testbed.ts';
import { type FakeHost, fakeHost, type Stubs } from '../fake-host.ts';

let directory: string;
const made: FakeHost[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'thaw-migration-'));
});
afterEach(() => {
  for (const host of made.splice(0)) host.remove();
  rmSync(directory, { recursive: true });
});

const blind: Observer = {
  watch: async () => ({ stop: async () => () => ({ log: [], freezer: [] }) }),
};

function testbedHost(name: string, stubs: Stubs): TestbedHost & { host: FakeHost } {
  // One log for both hosts: what is asserted is the order over all of them.
  const host = fakeHost(name, stubs, join(directory, 'transcript'));
  made.push(host);
  return {
    host,
    interface: 'eth0',
    observe: blind,
    clock: sharedClock(startClock()),
    facts: {} as TestbedHost['facts'],
  };
}

interface Given {
  source?: Stubs;
  destination?: Stubs;
  address?: 'before-restore' | 'after-restore';
  connections?: Connections;
  /** Pre-copy with so many; without, stop-and-copy. */
  preDumps?: number;
  plan?: Partial<PreDumpPlan>;
  lazy?: boolean;
}

function plan(preDumps: number, more: Partial<PreDumpPlan> = {}): PreDumpPlan {
  return { preDumps, until: null, autoDedup: false, ...more };
}

function planned(given: Given): { migration: Migration; source: FakeHost } {
  const source = testbedHost('rhel01', given.source ?? {});
  const destination = testbedHost('rhel02', given.destination ?? {});
  const scenario = {
    service: { name: 'rhel0x', address: '172.30.77.10', prefixLength: 24, port: 80 },
    handover: { address: given.address ?? 'before-restore', announce: false, unserved: 'refuse', hook: null },
    migration: {
      timeoutMs: 5_000,
      strategy: { kind: 'stop-and-copy' },
      transfer: 'share',
      imageDirectory: 'default',
      extra: { checkpoint: [], restore: [], criuConf: { source: [], destination: [] } },
    },
    capture: [],
  } as unknown as Scenario;
  const migration: Migration = {
    number: 1,
    warmUp: false,
    source,
    destination,
    scenario,
    container: { runtime: 'runc', id: 'web', bundle: directory },
    connections:
      given.connections ??
      decideConnections('refuse', { userNamespace: false, runtime: 'runc', runtimeVersions: ['1.3.6'] }),
    clock: startClock(),
    filesDirectory: directory,
    files: 'migrations/0001',
  };
  return { migration, source: source.host };
}

async function migrate(given: Given = {}) {
  const { migration, source } = planned(given);
  const move = (): Promise<Moved> => {
    if (given.lazy && given.preDumps !== undefined) return hybrid(migration, plan(given.preDumps));
    if (given.lazy) return postCopy(migration);
    return given.preDumps === undefined
      ? stopAndCopy(migration, null)
      : preCopy(migration, null, plan(given.preDumps, given.plan));
  };
  const moved = await move();
  return { moved, transcript: source.calls() };
}

test('the classic migration is a checkpoint, the address, and a restore, in default directories', async () => {
  const { moved, transcript } = await migrate();
  expect(transcript).toEqual([
    'rhel01: runc checkpoint web',
    'rhel01: ip address del 172.30.77.10/24 dev eth0',
    'rhel02: ip address add 172.30.77.10/24 dev eth0',
    'rhel02: runc restore -d web',
  ]);
  expect(moved.failed).toBeNull();
});

test('the freeze is told before the checkpoint begins, and its end once the restore has ended', async () => {
  const { migration, source } = planned({});
  const told: string[] = [];
  await stopAndCopy(
    { ...migration, onPhase: (phase) => told.push(`${phase} after ${source.calls().length}`) },
    null,
  );
  expect(told.map((line) => line.split(' ')[0])).toEqual(['dump', 'handover', 'restore', 'clean-up']);
  // What lies between is told while the commands go on.
  expect([told.at(0), told.at(-1)]).toEqual(['dump after 0', 'clean-up after 4']);
});

test('a failed dump leaves it frozen, as far as is told, until somebody has seen where it runs', async () => {
  const { migration } = planned({ source: { runc: 'exit 1' } });
  const told: string[] = [];
  await stopAndCopy({ ...migration, onPhase: (phase) => told.push(phase) }, null);
  expect(told).toEqual(['dump']);
});

test('with `after-restore` the address comes when the container runs', async () => {
  const { transcript } = await migrate({ address: 'after-restore' });
  expect(transcript.slice(2)).toEqual([
    'rhel02: runc restore -d web',
    'rhel02: ip address add 172.30.77.10/24 dev eth0',
  ]);
});

test('what is dropped while nobody serves is dropped on both hosts, and let in when the container runs', async () => {
  const { migration } = planned({});
  migration.scenario.handover = { ...migration.scenario.handover, unserved: 'drop' };
  await stopAndCopy(migration, null);
  const rule = 'INPUT -d 172.30.77.10 -p tcp --dport 80 --syn -j DROP';
  const calls = made[0]?.calls() ?? [];
  expect(calls).toContain(`rhel01: iptables -I ${rule}`);
  expect(calls.slice(-2)).toEqual(['rhel02: runc restore -d web', `rhel02: iptables -D ${rule}`]);
});

test('a failed dump leaves the address where it is and never starts the restore', async () => {
  const { moved, transcript } = await migrate({
    source: { runc: 'echo \'level=error msg="criu failed: type NOTIFY errno 0"\' >&2; exit 1' },
  });
  expect(transcript).toEqual(['rhel01: runc checkpoint web']);
  expect(moved.failed).toEqual({
    phase: 'dump',
    error: 'checkpoint failed on rhel01: exit 1: runc checkpoint web\ncriu failed: type NOTIFY errno 0',
  });
});

test('a failed restore is told with the phase, the host and what runc said', async () => {
  const { moved } = await migrate({ destination: { runc: 'echo no images >&2; exit 1' } });
  expect(moved.failed).toEqual({
    phase: 'restore',
    error: 'restore failed on rhel02: exit 1: runc restore -d web\nno images',
  });
});

test('a failed handover is neither a failed dump nor a failed restore', async () => {
  const { moved, transcript } = await migrate({ destination: { ip: 'exit 2' } });
  expect(moved.failed?.phase).toBe('handover');
  expect(transcript.at(-1)).toBe('rhel02: ip address add 172.30.77.10/24 dev eth0');
});

// As a connection that breaks: the armed shell is gone, with no word of how its command ended.
const LOSES_ITS_SHELL = 'kill -KILL "$PPID"; sleep 0.2';

test.each([
  ['dump', { source: { runc: LOSES_ITS_SHELL } }],
  ['handover', { source: { ip: LOSES_ITS_SHELL } }],
  ['handover', { destination: { ip: LOSES_ITS_SHELL } }],
  ['restore', { destination: { runc: LOSES_ITS_SHELL } }],
] as const)('a host that is lost in the %s is told with that phase', async (phase, given) => {
  const { moved } = await migrate(given);
  expect(moved.failed).toMatchObject({ phase });
});

test('established connections are asked for on both sides, half-open ones skipped at the dump', async () => {
  const connections = decideConnections('established', {
    userNamespace: false,
    runtime: 'runc',
    runtimeVersions: ['1.3.6', '1.3.6'],
  });
  const { transcript } = await migrate({ connections });
  expect(transcript.filter((line) => line.includes('runc'))).toEqual([
    'rhel01: runc checkpoint --tcp-established --tcp-skip-in-flight web',
    'rhel02: runc restore -d --tcp-established web',
  ]);
});

test('pre-copy dumps what changed since the dump before, and moves with what is left', async () => {
  const { moved, transcript } = await migrate({ preDumps: 2 });
  const images = (part: string) =>
    `--image-path ${directory}/checkpoint/${part} --work-path ${directory}/checkpoint/${part}`;
  expect(transcript).toEqual([
    `rhel01: runc checkpoint --pre-dump ${images('pre-1')} web`,
    `rhel01: runc checkpoint --pre-dump ${images('pre-2')} --parent-path ../pre-1 web`,
    'rhel01: runc checkpoint --parent-path pre-2 web',
    'rhel01: ip address del 172.30.77.10/24 dev eth0',
    'rhel02: ip address add 172.30.77.10/24 dev eth0',
    'rhel02: runc restore -d web',
  ]);
  expect(moved.failed).toBeNull();
  expect(moved.preDumps.map(({ host, status }) => [host, status])).toEqual([
    ['rhel01', 0],
    ['rhel01', 0],
  ]);
});

/** Pre-dumps whose pages have these sizes, one after the other. */
const writing = (...sizes: string[]): string => `
case "$*" in *--pre-dump*) ;; *) exit;; esac
n=$(cat "$FAKE/n" 2>/dev/null || echo 0); echo $((n + 1)) >"$FAKE/n"
set -- "$4" ${sizes.join(' ')}; at=$1; shift $((n + 1)); mkdir -p "$at"; truncate -s "$1" "$at/pages-1.img"`;

const until = async (belowMiB: number | null, ...sizes: string[]) => {
  mkdirSync(join(directory, 'checkpoint'));
  const given = { preDumps: 5, plan: { until: { belowMiB } }, source: { runc: writing(...sizes) } };
  const { moved, transcript } = await migrate(given);
  return { made: moved.preDumps.length, failed: moved.failed, transcript };
};

test('pre-dumps go on until they stop shrinking, and the dump is told of the last by a link', async () => {
  const { made, failed, transcript } = await until(null, '64M', '8M', '2M', '1900K', '1M');
  expect({ made, failed }).toEqual({ made: 4, failed: null });
  expect(transcript[4]).toBe('rhel01: runc checkpoint --parent-path pre-last web');
  expect(readlinkSync(join(directory, 'checkpoint', 'pre-last'))).toBe('pre-4');
});

test.each([
  ['one is under the bound', 4, ['64M', '3M', '1M'], 2],
  ['there are as many as allowed', 1, ['64M', '32M', '16M', '8M', '4M', '2M'], 5],
  ['they stop shrinking above the bound', 1, ['64M', '60M', '1K'], 2],
])('pre-dumps with a bound end when %s', async (_, bound, sizes, made) => {
  expect(await until(bound, ...sizes)).toMatchObject({ made, failed: null });
});

test('what a later image has anew is punched out of those before it, if that is asked for', async () => {
  const { transcript } = await migrate({ preDumps: 1, plan: { autoDedup: true } });
  expect(transcript.slice(0, 2).map((call) => call.includes(' --auto-dedup '))).toEqual([true, true]);
  const crun = [testbedHost('rhel01', {}).host];
  const asking = asked({ kind: 'pre-copy', ...plan(1, { autoDedup: true }) }, 'crun');
  expect(await whyUnable(asking, crun)).toBe('auto-dedup is an option that crun does not have');
});

test('a pre-dump that fails ends the migration before anything is frozen for good', async () => {
  const { moved, transcript } = await migrate({
    preDumps: 3,
    source: { runc: 'echo no tracking >&2; exit 1' },
  });
  expect(transcript).toHaveLength(1);
  expect(moved.preDumps).toEqual([]);
  expect(moved.failed).toEqual({
    phase: 'pre-dump',
    error: expect.stringMatching(
      /^runc failed on rhel01: exit 1: runc checkpoint --pre-dump .*\n {2}no tracking$/s,
    ),
  });
});

const asked = (strategy: Strategy, runtime: Scenario['runtime'] = 'runc') => ({
  migration: { strategy } as Scenario['migration'],
  runtime,
  network: null as Scenario['network'],
});

test('a host that cannot track memory is named, and stop-and-copy asks for nothing', async () => {
  const hosts = ['rhel01', 'rhel02'].map((name, i) => testbedHost(name, { criu: `exit ${i}` }).host);
  expect(await whyUnable(asked({ kind: 'pre-copy', ...plan(1) }), hosts)).toBe(
    'pre-copy needs tracking of changed memory (soft-dirty bits), which `criu check --feature mem_dirty_track` does not find on rhel02',
  );
  expect(await whyUnable(asked({ kind: 'pre-copy', ...plan(1) }), hosts.slice(0, 1))).toBeNull();
  expect(await whyUnable(asked({ kind: 'hybrid', ...plan(1) }), hosts)).toMatch(
    /^hybrid needs tracking of changed memory/,
  );
  expect(await whyUnable(asked({ kind: 'stop-and-copy' }), hosts)).toBeNull();
});

test('a copy over the network needs Perl and tar on every host', async () => {
  const hosts = ['rhel01', 'rhel02'].map((name, i) => testbedHost(name, { perl: `exit ${i}` }).host);
  const copying = { ...asked({ kind: 'stop-and-copy' }) };
  copying.migration = { ...copying.migration, transfer: 'copy' };
  expect(await whyUnable(copying, hosts)).toBe(
    'transfer: copy needs Perl and tar, which rhel02 does not have',
  );
  expect(await whyUnable(copying, hosts.slice(0, 1))).toBeNull();
});

test('a page server of the destination is what crun does not have', async () => {
  const hosts = [testbedHost('rhel01', {}).host];
  const sending = (runtime: Scenario['runtime']) => {
    const wanted = asked({ kind: 'stop-and-copy' }, runtime);
    return { ...wanted, migration: { ...wanted.migration, transfer: 'page-server' as const } };
  };
  expect(await whyUnable(sending('crun'), hosts)).toBe(
    'transfer: page-server needs a checkpoint that sends pages to a page server, which crun does not have',
  );
  expect(await whyUnable(sending('runc'), hosts)).toBeNull();
});

test.each([
  ['crun [OPTION...] checkpoint', 'pre-copy needs pre-dumps, which crun on rhel01 does not have'],
  ['--pre-dump  dump memory only', null],
])('crun that says "%s" of its checkpoint: %s', async (help, why) => {
  const hosts = [testbedHost('rhel01', { crun: `echo '${help}'` }).host];
  expect(await whyUnable(asked({ kind: 'pre-copy', ...plan(1) }, 'crun'), hosts)).toBe(why);
  expect(await whyUnable(asked({ kind: 'post-copy' }, 'crun'), hosts)).toMatch(/crun does not have$/);
  expect(await whyUnable(asked({ kind: 'stop-and-copy' }, 'crun'), hosts)).toBeNull();
});

test('the commands are those of the runtime', async () => {
  const { migration } = planned({});
  migration.container = { ...migration.container, runtime: 'crun' };
  await stopAndCopy(migration, null);
  const calls = made.flatMap((host) => host.calls()).filter((call) => !call.includes(': ip '));
  expect([...new Set(calls)]).toEqual(['rhel01: crun checkpoint web', 'rhel02: crun restore -d web']);
});

const SHOWN = `2: eth0    inet 172.30.77.10/24 scope global eth0\\ valid_lft forever
2: eth0    inet 172.30.77.11/24 scope global secondary eth0`;

test('post-copy resumes the container before its memory has come, and ends when it has', async () => {
  const { moved, transcript } = await migrate({
    lazy: true,
    source: {
      ip: `case "$*" in *show*) cat <<'X'\n${SHOWN}\nX\nesac`,
      runc: "printf '\\0' >&6; exec 6>&-; sleep 0.2",
    },
    destination: {
      criu: `sh -c 'sleep 0.1' & mkdir -p ${directory}/checkpoint; echo $! >${directory}/checkpoint/lazy-pages.pid`,
    },
  });
  const images = `--image-path ${directory}/checkpoint --work-path ${directory}/checkpoint`;
  const daemon = `--images-dir ${directory}/checkpoint --work-dir ${directory}/checkpoint --log-file lazy-pages.log`;
  expect(transcript).toEqual([
    'rhel01: ip -o -4 address show dev eth0',
    `rhel01: runc checkpoint ${images} --lazy-pages --page-server 0.0.0.0:27 --status-fd 6 web`,
    'rhel01: ip address del 172.30.77.10/24 dev eth0',
    'rhel02: ip address add 172.30.77.10/24 dev eth0',
    `rhel02: criu lazy-pages --page-server --address 172.30.77.11 --port 27 ${daemon} -vv --daemon --pidfile ${directory}/checkpoint/lazy-pages.pid`,
    `rhel02: runc restore -d ${images} --lazy-pages web`,
  ]);
  expect(moved.failed).toBeNull();
  expect(Object.keys(moved.steps)).toEqual([
    'checkpoint',
    'page-server',
    'release-address',
    'claim-address',
    'lazy-pages',
    'restore',
    'lazy-transfer',
  ]);
});

test('hybrid makes its pre-dumps before the freeze, and the page server is told of them', async () => {
  const { moved, transcript } = await migrate({
    lazy: true,
    preDumps: 1,
    source: {
      ip: `case "$*" in *show*) cat <<'X'\n${SHOWN}\nX\nesac`,
      runc: `case "$*" in *--pre-dump*) ;; *) printf '\\0' >&6; exec 6>&-; sleep 0.2;; esac`,
    },
    destination: {
      criu: `sh -c 'sleep 0.1' & mkdir -p ${directory}/checkpoint; echo $! >${directory}/checkpoint/lazy-pages.pid`,
    },
  });
  const commands = transcript.filter((call) => /runc|lazy-pages/.test(call)).map((call) => call.split(' '));
  expect(commands.map((words) => words.slice(1, 4).join(' '))).toEqual([
    'runc checkpoint --pre-dump',
    'runc checkpoint --image-path',
    'criu lazy-pages --page-server',
    'runc restore -d',
  ]);
  expect(commands[1]?.join(' ')).toContain('--status-fd 6 --parent-path pre-1 web');
  expect(moved.failed).toBeNull();
  expect(moved.preDumps).toHaveLength(1);
});

test('a page server that fails ends the restore that waits for it, and the source that runs on gets its address', async () => {
  const { migration, source } = planned({
    source: {
      ip: `case "$*" in *show*) cat <<'X'\n${SHOWN}\nX\nesac`,
      runc: `case "$1" in state) echo '{"status":"running"}';; checkpoint) printf '\\0' >&6; exec 6>&-; sleep 0.2; echo no pipes >&2; exit 1;; esac`,
    },
    destination: { runc: `case "$1" in restore) sleep 60;; esac` },
  });
  const moved = await postCopy(migration);
  expect(moved.failed).toEqual({
    phase: 'restore',
    error: expect.stringMatching(/^page-server failed on rhel01: exit 1: runc checkpoint .*\nno pipes$/s),
  });
  const before = source.calls().length;
  const { outcome, steps } = await aftermath(migration, moved);
  expect(outcome).toMatchObject({ state: 'failed', phase: 'restore', survivor: 'rhel01', rolledBack: false });
  expect(Object.keys(steps)).toEqual(['rollback-address']);
  const calls = source.calls().slice(before);
  expect(calls.filter((call) => /runc (delete|restore)|ip /.test(call))).toEqual([
    'rhel02: runc delete --force web',
    'rhel02: ip address del 172.30.77.10/24 dev eth0',
    'rhel01: ip address del 172.30.77.10/24 dev eth0',
    'rhel01: ip address add 172.30.77.10/24 dev eth0',
  ]);
});

test('a container that the source could not tell of is asked for again before anything is removed there', async () => {
  const { migration, source } = planned({
    source: { ip: '', runc: `case "$1" in state) echo '{"status":"running"}';; esac` },
    destination: {},
  });
  const exec = source.exec.bind(source);
  let asked = 0;
  source.exec = (argv, options) =>
    argv[1] === 'state' && asked++ === 0
      ? Promise.reject(new CommandError('rhel01', argv, null, 30_000))
      : exec(argv, options);
  const failure = { phase: 'dump', error: 'checkpoint failed' } as const;
  const seen = { dumpLog: [], restoreLog: [], freezer: [], clocks: [] };
  const { outcome } = await aftermath(migration, { steps: {}, preDumps: [], seen, failed: failure });
  expect(asked).toBe(3);
  expect(outcome).toMatchObject({ state: 'failed', phase: 'dump', survivor: 'rhel01', rolledBack: false });
  expect(source.calls().filter((call) => /^rhel01: runc (delete|restore)/.test(call))).toEqual([]);
});

test('a source that never tells keeps no address at the destination', async () => {
  const { migration, source } = planned({ source: {}, destination: { ip: '', runc: '' } });
  source.exec = (argv) => Promise.reject(new CommandError('rhel01', argv, null, 30_000));
  const failure = { phase: 'dump', error: 'checkpoint failed' } as const;
  const seen = { dumpLog: [], restoreLog: [], freezer: [], clocks: [] };
  const { outcome } = await aftermath(migration, { steps: {}, preDumps: [], seen, failed: failure });
  expect(outcome).toMatchObject({ state: 'failed', survivor: null, rolledBack: false });
  expect(source.calls()).toEqual([
    'rhel02: runc delete --force web',
    'rhel02: ip address del 172.30.77.10/24 dev eth0',
  ]);
});

test('a hook that fails in the roll back, too, does not cost the container', async () => {
  const { migration, source } = planned({
    source: {
      ip: '',
      runc: `case "$1" in restore) : >"$FAKE/back";; state) [ -e "$FAKE/back" ] || exit 1; echo '{"status":"running"}';; esac`,
    },
  });
  // Where the hook should lie there is none: it fails with 127.
  const hooked = structuredClone({ ...migration.scenario.handover, hook: '/hook.sh' });
  const scenario = { ...migration.scenario, handover: hooked };
  const failure = { phase: 'handover', error: 'claim-hook failed' } as const;
  const seen = { dumpLog: [], restoreLog: [], freezer: [], clocks: [] };
  const moved: Moved = { steps: {}, preDumps: [], seen, failed: failure };
  const { outcome, steps } = await aftermath({ ...migration, scenario }, moved);
  expect(outcome).toEqual({
    state: 'failed',
    phase: 'handover',
    survivor: 'rhel01',
    rolledBack: true,
    error: expect.stringMatching(
      /^claim-hook failed\nrolled back to rhel01, but its hook failed: .*not found$/s,
    ),
  });
  expect(Object.entries(steps).map(([name, { status }]) => `${name} ${status}`)).toEqual([
    'rollback-address 0',
    'rollback-restore 0',
    'rollback-hook 127',
  ]);
  expect(source.calls().slice(-3)).toEqual([
    'rhel01: ip address add 172.30.77.10/24 dev eth0',
    expect.stringMatching(/^rhel01: runc restore -d /),
    'rhel01: runc state web',
  ]);
});

test('a restore that fails while pages are served is what failed, and not the server that it ends', async () => {
  const { moved } = await migrate({
    lazy: true,
    source: {
      ip: `case "$*" in *show*) cat <<'X'\n${SHOWN}\nX\nesac`,
      runc: `printf '\\0' >&6; exec 6>&-; sleep 60`,
    },
    destination: { runc: 'echo no userfaultfd >&2; exit 1' },
  });
  expect(moved.failed).toEqual({
    phase: 'restore',
    error: expect.stringMatching(/^restore failed on rhel02: exit 1: .*no userfaultfd$/s),
  });
});

test('the page server is asked at an address that does not move', () => {
  expect(addressIn(SHOWN, '172.30.77.10')).toBe('172.30.77.11');
  expect(addressIn(SHOWN, '172.30.77.11')).toBe('172.30.77.10');
  expect(addressIn('', '172.30.77.10')).toBeNull();
});

test('once the container has run on the destination, the source never runs it again', async () => {
  const state = (status: string) => `case "$1" in state) echo '{"status":"${status}"}';; esac`;
  const lost = { phase: 'lazy-pages', error: 'the daemon died' } as const;
  const moved: Moved = {
    steps: {},
    preDumps: [],
    seen: { dumpLog: [], restoreLog: [], freezer: [], clocks: [] },
    failed: lost,
  };
  const outcomeOf = async (destination: string) => {
    const { migration, source } = planned({
      source: { runc: state('paused') },
      destination: { runc: state(destination) },
    });
    const { outcome } = await aftermath(migration, moved);
    const calls = source.calls().filter((call) => call.startsWith('rhel01'));
    // Both cases write to one log.
    expect(new Set(calls)).toEqual(new Set(['rhel01: runc delete --force web']));
    return outcome;
  };
  const failed = { state: 'failed', rolledBack: false, ...lost };
  expect(await outcomeOf('running')).toEqual({ ...failed, survivor: 'rhel02' });
  expect(await outcomeOf('stopped')).toEqual({ ...failed, survivor: null });
});

test('the destination makes the directory of images too, as it may remember that there was none', async () => {
  const { migration, source } = planned({ destination: { mkdir: '' } });
  for (const end of [migration.source, migration.destination]) end.host.put = async () => {};
  await prepareImages(migration);
  expect(source.calls()).toEqual([`rhel02: mkdir -p -- ${directory}/checkpoint`]);
});

test('what CRIU left cut off is kept aside, and does not stand where whole files do', async () => {
  const { migration } = planned({});
  const images = join(directory, 'checkpoint');
  mkdirSync(images);
  writeFileSync(join(images, 'stats-restore'), '');
  writeFileSync(join(images, 'inventory.img'), 'cut');
  writeFileSync(join(images, 'dump.log'), '');
  const filesDirectory = join(directory, 'files');
  await collectFiles({ ...migration, filesDirectory });
  expect(readdirSync(filesDirectory).sort()).toEqual([
    'dump.log',
    'inventory.img.damaged',
    'stats-restore.damaged',
  ]);
});

test('a run directory that takes no file costs the logs, and neither the migration nor its roll back', async () => {
  const { migration } = planned({});
  const images = join(directory, 'checkpoint');
  mkdirSync(images);
  writeFileSync(join(images, 'dump.log'), 'x');
  writeFileSync(join(images, 'pages-1.img'), '12345');
  const full = { ...migration, filesDirectory: '/dev/null/files' };
  expect(await collectFiles(full)).toMatchObject({ imageBytes: 5, pageImageBytes: 5 });
  const rolledBack = join(directory, 'rollback');
  mkdirSync(rolledBack);
  writeFileSync(join(rolledBack, 'restore.log'), 'x');
  await collectRollBack(full, rolledBack);
  expect(readdirSync(directory)).not.toContain('rollback');
});

test('a share that does not answer costs what lies there, and not what is known of the migration', async () => {
  const { migration } = planned({});
  const late = (argv: readonly string[]) => new CommandError('rhel02', argv, null, 30_000);
  const { host } = migration.destination;
  const exec: typeof host.exec = async (argv, options) => {
    if (argv[0] === 'find') throw late(argv);
    return host.exec(argv, options);
  };
  const destination = { ...migration.destination, host: { ...host, exec } };
  const filesDirectory = join(directory, 'files');
  expect(await collectFiles({ ...migration, destination, filesDirectory })).toEqual({
    imageBytes: null,
    pageImageBytes: null,
    preDumpBytes: [],
    full: null,
  });
});

test.each([
  ['0', true],
  ['1', false],
])(
  'a failure on a share with %s blocks left, whose log may be cut off, is told of the space: %s',
  async (blocks, told) => {
    const { migration } = planned({ destination: { stat: `echo ${blocks}` } });
    const { full } = await collectFiles(migration);
    const outcome = {
      phase: 'dump',
      survivor: 'rhel01',
      rolledBack: false,
      error: 'criu failed: type DUMP',
    } as const;
    const said = toldOfRoom({ state: 'failed', ...outcome }, full);
    expect('error' in said && said.error.includes(`${directory}/checkpoint: No space left on device`)).toBe(
      told,
    );
    expect(toldOfRoom({ state: 'completed' }, full)).toEqual({ state: 'completed' });
  },
);
