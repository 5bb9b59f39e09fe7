import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startClock } from '../../harness/clock.ts';
import type { Host } from '../../harness/host/host.ts';
import type { Transcript } from '../../harness/host/transcript.ts';
import type { ToolchainFacts } from '../../harness/model.ts';
import { cacheDirectory } from '../../harness/paths.ts';
import { openScope } from '../../harness/scope.ts';
import { cleanUp } from '../../harness/testbed/clean.ts';
import { netnsUp } from '../../harness/testbed/netns/up.ts';
import { type Disturbed, type DisturbedKind, hostOf, type Testbed } from '../../harness/testbed/testbed.ts';
import { chooseToolchains } from '../../harness/testbed/toolchains.ts';
import { inventory, lines, settledInventory, whyNoLoopDevice, whyNotHere } from './machine.ts';

const why = whyNotHere();
const whyNoDisk = whyNoLoopDevice();
const silent: Transcript = { record: () => {}, close: async () => {} };
const facts: ToolchainFacts = {
  name: 'host',
  runtime: { name: 'runc', version: '' },
  criu: '',
  digest: null,
  because: '',
};
const service = { name: 'rhel0x', address: '172.30.77.10', prefixLength: 24, port: 80 };

// The machine's own root as the lower layer: no download is needed to test the testbed itself.
function up(
  scope = openScope(),
  cgroup: 'machine' | 'v2' = 'machine',
  shareOn: 'memory' | 'disk' = 'memory',
): Promise<Testbed> {
  const hosts = ['rhel01', 'rhel02'].map((name) => ({ name, toolchain: facts, root: '/' }));
  const plan = { kind: 'netns' as const, cgroup, shareMiB: 64 };
  return netnsUp(
    { plan, shareOn, service, hosts, shared: [], settings: [], clock: startClock(), transcript: silent },
    scope,
  );
}

/** A testbed is brought up by a process of its own, which is killed so long after it said something. */
async function killed(args: readonly string[], afterMs: number): Promise<void> {
  const script = join(import.meta.dirname, 'bring-up.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  child.kill('SIGKILL');
  await gone;
}

async function disturbed(testbed: Testbed, what: DisturbedKind): Promise<Disturbed> {
  const made = await testbed.disturb(what, 'rhel01');
  if ('unable' in made) throw new Error(made.unable);
  return made;
}

async function said(host: Host, ...argv: string[]): Promise<string> {
  return (await host.exec(argv, { timeoutMs: 10_000, allowFailure: true })).stdout.trim();
}

describe.skipIf(why !== null)(`the namespace testbed${why === null ? '' : ` (skipped: ${why})`}`, () => {
  test('hosts have names, a network, and a share of their own, and nothing of it is left', async () => {
    const before = inventory();
    const scope = openScope();
    const testbed = await up(scope);
    const [one, two] = ['rhel01', 'rhel02'].map((name) => hostOf(testbed, name).host) as [Host, Host];
    expect(await said(one, 'uname', '-n')).toBe('rhel01');
    await one.put('/runc/from-one', 'hello', 0o644);
    expect(await said(two, 'cat', '/runc/from-one')).toBe('hello');
    await one.put('/tmp/private', 'mine', 0o644);
    expect(await two.get('/tmp/private', 100)).toBeNull();
    const other = (await said(two, 'ip', '-4', '-o', 'addr', 'show', 'eth0')).match(
      /inet ([\d.]+)/,
    )?.[1] as string;
    const reached = await testbed.client.exec(['ping', '-c', '1', '-W', '2', other], {
      timeoutMs: 5_000,
      allowFailure: true,
    });
    expect([0, 127]).toContain(reached.status);
    expect(await scope.close()).toEqual([]);
    expect(await settledInventory(before)).toEqual(before);
  });

  test('a host can be shown cgroup v2 alone', async () => {
    const scope = openScope();
    const testbed = await up(scope, 'v2');
    const host = hostOf(testbed, 'rhel01');
    expect(host.facts.cgroup).toBe('v2');
    expect(await said(host.host, 'stat', '-f', '-c', '%T', '/sys/fs/cgroup')).toBe('cgroup2fs');
    expect(await scope.close()).toEqual([]);
  });

  test('two testbeds at once, with the same addresses, do not see each other', async () => {
    const before = inventory();
    const scopes = [openScope(), openScope()];
    const [a, b] = (await Promise.all(scopes.map((scope) => up(scope)))) as [Testbed, Testbed];
    await hostOf(a, 'rhel01').host.put('/runc/mark', 'a', 0o644);
    expect(await hostOf(b, 'rhel01').host.get('/runc/mark', 10)).toBeNull();
    for (const scope of scopes) expect(await scope.close()).toEqual([]);
    expect(await settledInventory(before)).toEqual(before);
  });

  test('a process that a host started ends with it, however deep it hides', async () => {
    const scope = openScope();
    const { host } = hostOf(await up(scope), 'rhel01');
    await host.exec(['/bin/sh', '-c', 'setsid setsid sleep 987654 </dev/null >/dev/null 2>&1 &'], {
      timeoutMs: 5_000,
    });
    const running = () => lines('pgrep -fx "sleep 987654"');
    // The shell has ended before what it started has become `sleep`.
    await expect.poll(running, { timeout: 20_000 }).toHaveLength(1);
    await scope.close();
    expect(running()).toEqual([]);
  });

  test.skipIf(whyNoDisk !== null)('a share on a disk hangs until it goes on, and fills', async () => {
    const before = inventory();
    const scope = openScope();
    const testbed = await up(scope, 'machine', 'disk');
    const { host } = hostOf(testbed, 'rhel02');
    const hang = await disturbed(testbed, 'hang');
    await hang.begin();
    const written = said(host, '/bin/sh', '-c', 'echo late > /runc/late && echo written');
    const waiting = () => lines('grep -l "^State:.D" /proc/[0-9]*/status | xargs grep -h "^Name"');
    while (!waiting().some((name) => name.endsWith('\tsh'))) await new Promise((on) => setTimeout(on, 20));
    expect(await host.get('/runc/late', 10)).toBeNull();
    await hang.undo();
    expect(await written).toBe('written');
    const fill = await disturbed(testbed, 'fill');
    await fill.begin();
    expect(await said(host, '/bin/sh', '-c', 'echo more > /runc/more; cat /runc/more')).toBe('');
    await fill.undo();
    expect(await said(host, '/bin/sh', '-c', 'echo more > /runc/more; cat /runc/more')).toBe('more');
    expect(await scope.close()).toEqual([]);
    expect(await settledInventory(before)).toEqual(before);
  });

  test.skipIf(whyNoDisk !== null)('a share that hangs goes on when its controller is killed', async () => {
    await cleanUp({ dryRun: false });
    const before = inventory();
    await killed(['hang'], 0);
    expect((await cleanUp({ dryRun: false })).left).toEqual([]);
    expect(await settledInventory(before)).toEqual(before);
  });

  test.each([50, 150, 300, 600, 1_000])(
    'after SIGKILL %d ms into a set-up, clean leaves nothing',
    async (ms) => {
      await cleanUp({ dryRun: false });
      const before = inventory();
      await killed([], ms);
      const cleaned = await cleanUp({ dryRun: false });
      expect(cleaned.left).toEqual([]);
      expect(await settledInventory(before)).toEqual(before);
    },
  );

  test('clean does not touch a testbed whose run is going on', async () => {
    const scope = openScope();
    const testbed = await up(scope);
    const cleaned = await cleanUp({ dryRun: false });
    expect(cleaned.running).toHaveLength(1);
    expect(await said(hostOf(testbed, 'rhel02').host, 'uname', '-n')).toBe('rhel02');
    await scope.close();
  });
});

describe.skipIf(why !== null)('the choice of a toolchain', () => {
  test('auto takes one that has dumped and restored a listening process here, and says so', async () => {
    const context = {
      cache: cacheDirectory(),
      announce: () => {},
      signal: new AbortController().signal,
      transcript: silent,
    };
    const chosen = (await chooseToolchains({ toolchain: { rhel01: 'auto' }, runtime: 'runc' }, context)).get(
      'rhel01',
    );
    expect(chosen?.facts.because).toContain('the newest that dumped and restored a listening process here');
    expect(chosen?.facts.criu).toMatch(/^\d+\.\d+/);
  });
});
