import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cacheDirectory } from '../../harness/paths.ts';
import { buildRevision } from '../../harness/runtime/sources/build.ts';
import { noSshd } from '../host/sshd.ts';
import { crashOf, LOOKED_AT } from './crash.ts';
import { inventory, settledInventory, whyNotHere } from './machine.ts';
import { MISTAKE, sanitizedCriu } from './sanitized-criu.ts';
import { type SshLab, sshLab } from './ssh-lab.ts';
import { recordOf, scenario, scratch } from './thaw.ts';

/** Perl that takes a port and tells its PID, also where connections of an earlier server have just ended (TIME_WAIT). */
const LISTENS = `use Socket; socket(S, PF_INET, SOCK_STREAM, 0) && setsockopt(S, SOL_SOCKET, SO_REUSEADDR, 1)
  && bind(S, sockaddr_in(shift, INADDR_ANY)) && listen(S, 1) or die $!;
print $$; close STDOUT; sleep 300`;

const why = whyNotHere() ?? noSshd;
const installed = (tool: string): boolean => spawnSync('which', [tool]).status === 0;

describe.skipIf(why !== null)(
  `toolchains of machines over SSH${why === null ? '' : ` (skipped: ${why})`}`,
  () => {
    const before = inventory();
    let folder: ReturnType<typeof scratch>;
    let lab: SshLab;
    beforeAll(async () => {
      folder = scratch();
      lab = await sshLab(folder);
    });
    afterAll(async () => {
      await lab?.close();
      folder?.remove();
      expect(await settledInventory(before)).toEqual(before);
    });

    const context = { cache: cacheDirectory(), announce: () => {}, signal: new AbortController().signal };
    const program = (name: string, text: string): string => {
      const file = folder.write(name, text);
      chmodSync(file, 0o755);
      return file;
    };
    const run = (...args: string[]) => runOn(lab.inventory, 'scenarios/counter.yaml', ...args);
    const runOn = (inventory: string, file: string, ...args: string[]) =>
      lab.thaw(
        ...['run', file, '--testbed', `ssh:${inventory}`, '--warm-up', '0', '--no-limits'],
        ...['--reports', folder.path, '--json', ...args],
      );

    test('source and destination each have their own from a private root, and what a sanitizer says there is kept', async () => {
      const source = join(folder.path, 'criu');
      const { git } = await sanitizedCriu(source);
      // A minute or two, unless another test has built it: more than a run may take here.
      const commit = git('rev-parse', 'main');
      await buildRevision({ part: 'criu', repository: source, commit }, context);
      const toolchain = `rhel01=debian:forky+criu=git:${source}@main,rhel02=debian:forky`;
      const ended = await run('--count', '2', '--toolchain', toolchain);
      const record = recordOf(ended);
      expect(record.migrations.map(({ outcome }) => outcome.state)).toEqual(['completed', 'completed']);
      const used = record.head.hosts.map((host) => host.toolchain.name);
      expect(used).toEqual([`debian:forky+criu=git:${source}@${commit}`, 'debian:forky']);
      // The machine's own system, and not the root's.
      expect(record.head.hosts[0]?.distribution).not.toMatch(/forky/);
      expect(record.tail?.sanitizer?.map(({ host, summary }) => [host, summary])).toContainEqual([
        'rhel01',
        expect.stringMatching(MISTAKE),
      ]);
      expect(record.tail?.sanitizer?.filter(({ host }) => host === 'rhel02')).toEqual([]);
      expect(record.verdicts.filter(({ state }) => state !== 'pass').map(({ check }) => check)).toEqual([
        'sanitizers',
      ]);
      // Nothing of the place, of CRIU or of runc is left on the machine; its copies are nobody else's.
      expect(await lab.said('rhel01', 'sh', '-c', 'ls -d /run/thaw-* /run/runc 2>/dev/null')).toBe('');
      expect(
        await lab.said('rhel01', 'sh', '-c', 'pidof runc criu unshare; grep -c thaw-place /proc/mounts'),
      ).toBe('0');
      expect(await lab.said('rhel01', 'stat', '-c', '%a %u', '/var/lib/thaw')).toBe('700 0');
    });

    test('what is there already is not copied again, and a tool that does not run there is told', async () => {
      const criu = program('criu-none', '#!/bin/sh\necho "not on this machine" >&2\nexit 1\n');
      const ended = await run('--count', '1', '--toolchain', `debian:forky+criu=${criu}`);
      expect(ended.status).toBe(2);
      expect(ended.stderr).toContain('copying parts-');
      expect(ended.stderr).not.toContain('copying root-');
      expect(ended.stderr).toMatch(
        /the toolchain debian:forky\+criu=\S+ has no criu that runs on rhel0[12]: not on this machine/,
      );
      expect(await lab.said('rhel02', 'sh', '-c', 'ls -d /run/thaw-* 2>/dev/null; pidof unshare')).toBe('');
    });

    test.each([
      [80, 'share', 'rhel02', 'the service'],
      [27, 'page-server', 'rhel02', "CRIU's page server"],
      [17_028, 'copy', 'rhel01', 'who takes the images'],
    ] as const)(
      'port %d is somebody else’s: exit 2 before the first migration',
      async (port, transfer, on, by) => {
        const text = scenario('counter', (of) =>
          of.replace('migration: { ', `toolchain: debian:forky\nmigration: { transfer: ${transfer}, `),
        );
        const file = folder.write(`port-${port}.yaml`, text);
        const pid = await lab.said(
          on,
          'sh',
          '-c',
          'perl -e "$1" "$2" </dev/null 2>/dev/null &',
          'sh',
          LISTENS,
          `${port}`,
        );
        expect(pid).toMatch(/^\d+$/);
        try {
          const { status, stdout, stderr } = await runOn(lab.inventory, file, '--count', '1');
          expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
          expect(stderr).toContain(`port ${port} is in use on ${on}, where ${by} must listen`);
        } finally {
          // It is there still: what is not ours is not ended.
          expect(await lab.said(on, 'sh', '-c', 'kill "$1" && echo ended', 'sh', pid)).toBe('ended');
        }
      },
    );

    test('three hosts in a path: each is the source once', async () => {
      const file = folder.write(
        'three.yaml',
        scenario('counter', (text) =>
          text.replace('migration: { ', 'migration: { path: [rhel01, rhel02, rhel03], '),
        ),
      );
      const ended = await runOn(lab.inventory, file, '--count', '3', '--toolchain', 'debian:forky');
      const record = recordOf(ended);
      expect({ status: ended.status, order: record.servedBy.map(({ host }) => host) }).toEqual({
        status: 0,
        order: ['rhel01', 'rhel02', 'rhel03', 'rhel01'],
      });
      expect(record.verdicts.filter(({ state }) => state !== 'pass')).toEqual([]);
    });

    test('a third host as the client: it asks, and its samples are on the common clock', async () => {
      const inventory = lab.inventoryWith('client', (all) => ({ ...all, client: 'rhel03' }));
      const ended = await runOn(
        inventory,
        'scenarios/counter.yaml',
        '--count',
        '1',
        '--toolchain',
        'debian:forky',
      );
      const record = recordOf(ended);
      expect({ status: ended.status, order: record.servedBy.map(({ host }) => host) }).toEqual({
        status: 0,
        order: ['rhel01', 'rhel02'],
      });
      expect(record.verdicts.filter(({ state }) => state !== 'pass')).toEqual([]);
      expect(record.tail?.probe?.on?.host).toBe('rhel03');
      // The same kernel: what the clock of the client is off by is what the readings leave open.
      expect(record.tail?.probe?.on?.clockMs).toBeLessThan(50);
      const [migration] = record.migrations;
      if (migration === undefined || !('ms' in migration.downtime))
        throw new Error(JSON.stringify(migration));
      expect(migration.downtime.ms).toBeGreaterThan(0);
      // The client was there, and nothing of it is left.
      expect(await lab.said('rhel03', 'sh', '-c', 'ls /var/lib/thaw/toolchains/probe; pidof node')).toBe(
        ['app', 'app.thaw-digest', 'node_modules', 'package.json'].join('\n'),
      );
    });

    test.skipIf(!installed('tcpdump') || !installed('strace'))(
      'packets and system calls of CRIU are captured by the tools of the machines, and fetched',
      async () => {
        const captured = ['--capture', 'packets', 'strace', '--toolchain', 'debian:forky'];
        const record = recordOf(await run('--count', '1', ...captured));
        const [migration] = record.migrations;
        expect(migration?.outcome).toEqual({ state: 'completed' });
        const of = (kind: string) => migration?.captures.filter((one) => one.kind === kind) ?? [];
        expect(of('packets').map(({ host, packets }) => [host, (packets ?? 0) > 0])).toEqual([
          ['rhel01', true],
          ['rhel02', true],
        ]);
        const directory = join(folder.path, record.head.scenario.name, record.head.id);
        for (const { file } of of('strace')) {
          expect(readFileSync(join(directory, file ?? 'none'), 'utf8')).toMatch(
            /\b(?:ptrace|openat|clone3?)\(/,
          );
        }
        const left = 'ls -d /run/thaw-captures 2>/dev/null; pidof tcpdump strace';
        for (const name of ['rhel01', 'rhel02'] as const) {
          expect(await lab.said(name, 'sh', '-c', left)).toBe('');
        }
      },
    );

    test('of a CRIU that crashes there is a core dump, what it did, and the images that it was given', async () => {
      const hook = program('crash.sh', crashOf('rhel02', LOOKED_AT));
      const text = scenario('counter', (of) => `${of}\nhandover: { hook: ${hook} }\n`);
      const kinds = ['core', 'images', ...['strace', 'perf'].filter(installed)];
      const file = folder.write('crash.yaml', text);
      const captured = ['--toolchain', 'debian:forky', '--capture', ...kinds];
      const record = recordOf(await runOn(lab.inventory, file, '--count', '1', ...captured));
      const [migration] = record.migrations;
      expect(migration?.outcome).toMatchObject({ state: 'failed', phase: 'restore', survivor: 'rhel01' });
      const beginning = (kind: string): string => {
        const one = migration?.captures.find((of) => of.kind === kind && of.host === 'rhel02');
        if (typeof one?.file !== 'string') return one?.why ?? 'nothing';
        const path = join(folder.path, record.head.scenario.name, record.head.id, one.file);
        return readFileSync(path).toString('latin1');
      };
      const piped = readFileSync('/proc/sys/kernel/core_pattern', 'utf8').startsWith('|');
      expect(beginning('core')).toMatch(piped ? /^the kernel hands core dumps to a program/ : /^\x7fELF/);
      expect(beginning('images')).toMatch(/^\x1f\x8b/);
      if (kinds.includes('strace')) expect(beginning('strace')).toContain('+++ killed by SIGSEGV');
      if (kinds.includes('perf')) expect(beginning('perf')).toMatch(/^PERFILE2/);
      const left = 'ls -d /run/thaw-captures 2>/dev/null; pidof strace perf';
      expect(await lab.said('rhel02', 'sh', '-c', left)).toBe('');
    });

    test('a client that is in the path, or no host, is refused', async () => {
      const inside = lab.inventoryWith('inside', (all) => ({ ...all, client: 'rhel02' }));
      const refused = await runOn(
        inside,
        'scenarios/counter.yaml',
        '--count',
        '1',
        '--toolchain',
        'debian:forky',
      );
      expect([refused.status, refused.stderr]).toEqual([64, expect.stringContaining('rhel02 is the client')]);
      const nobody = lab.inventoryWith('nobody', (all) => ({ ...all, client: 'rhel30' }));
      const unknown = await runOn(nobody, 'scenarios/counter.yaml', '--count', '1');
      expect([unknown.status, unknown.stderr]).toEqual([64, expect.stringContaining('did you mean')]);
    });

    test('clean removes the copies', async () => {
      const removed = ['rhel01', 'rhel02', 'rhel03'].map((name) => `${name}: /var/lib/thaw/toolchains`);
      const clean = ['clean', '--testbed', `ssh:${lab.inventory}`, '--json'];
      const would = await lab.thaw(...clean, '--dry-run');
      expect(JSON.parse(would.stdout)).toEqual({ removed, left: [], running: [] });
      const cleaned = await lab.thaw(...clean);
      expect(JSON.parse(cleaned.stdout)).toEqual({ removed, left: [], running: [] });
      expect(await lab.said('rhel01', 'ls', '-A', '/var/lib/thaw')).toBe('');
      const again = await lab.thaw(...clean);
      expect(JSON.parse(again.stdout).removed).toEqual([]);
    });
  },
);
