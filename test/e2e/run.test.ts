import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect } from 'vitest';
import type { HostFacts } from '../../harness/model.ts';
import { cacheDirectory } from '../../harness/paths.ts';
import { toolchainRoot } from '../../harness/runtime/toolchain.ts';
import { alone, type Inventory, inventory, lines, settledInventory, whyNotHere } from './machine.ts';
import { placed as test } from './placed.ts';
import { recordOf, scenario, thaw } from './thaw.ts';

const why = whyNotHere();
let before: Inventory;

describe.skipIf(why !== null)(
  `runs with real runc and CRIU${why === null ? '' : ` (skipped: ${why})`}`,
  () => {
    beforeAll(() => {
      before = inventory();
    });

    // What they assert is no time.
    describe.concurrent('beside others', () => {
      test('httpd moves there and back and answers with the name of its host, in two runs at once as well', async ({
        place,
      }) => {
        const args = ['scenarios/httpd.yaml', '--count', '2', '--json'];
        const both = await Promise.all(
          ['a', 'b'].map((name) => thaw('run', ...args, '--reports', join(place.path, name))),
        );
        for (const ended of both) {
          const record = recordOf(ended);
          expect({ status: ended.status, verdict: record.verdict }).toEqual({ status: 0, verdict: 'pass' });
          expect(record.servedBy.map(({ host }) => host)).toEqual(['rhel01', 'rhel02', 'rhel01', 'rhel02']);
          expect(record.migrations.map(({ warmUp }) => warmUp)).toEqual([true, false, false]);
          for (const migration of record.migrations) {
            expect(migration.outcome).toEqual({ state: 'completed' });
            expect(migration.pagesAgree).toBe(true);
            expect(migration.frozenWindow).toHaveProperty('window');
            expect(migration.downtime).toHaveProperty('ms');
          }
        }
      });

      test('with the address after the restore the client hears of each move as well', async ({ place }) => {
        const file = place.write(
          'after.yaml',
          scenario('counter', (text) => `${text}\nhandover: { address: after-restore }\n`),
        );
        const ended = await thaw(
          'run',
          file,
          '--count',
          '2',
          '--warm-up',
          '0',
          '--reports',
          place.path,
          '--json',
        );
        const record = recordOf(ended);
        expect({ status: ended.status, verdict: record.verdict }).toEqual({ status: 0, verdict: 'pass' });
        expect(record.migrations.filter(({ downtime }) => 'unknown' in downtime)).toEqual([]);
      });

      test('crun moves it as runc does, by commands of its own', async ({ place }) => {
        const args = ['scenarios/counter.yaml', '--runtime', 'crun', '--count', '2', '--warm-up', '0'];
        const record = recordOf(await thaw('run', ...args, '--reports', place.path, '--json'));
        expect({ verdict: record.verdict, state: record.outcome }).toEqual({
          verdict: 'pass',
          state: 'completed',
        });
        for (const { toolchain } of record.head.hosts) expect(toolchain.runtime.name).toBe('crun');
        for (const { frozenWindow, dumpStats } of record.migrations) {
          expect(frozenWindow).toHaveProperty('window');
          expect(dumpStats).toHaveProperty('frozen_time');
        }
        const lines = readFileSync(join(place.path, 'counter', record.head.id, 'migrations.ndjson'), 'utf8');
        for (const { steps } of lines
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line)))
          expect([steps.checkpoint.argv[0], steps.restore.argv[0]]).toEqual(['crun', 'crun']);
      });

      test('a CRIU of my own takes the place of the one that the toolchain has', async ({ place }) => {
        const args = [
          'scenarios/counter.yaml',
          '--count',
          '1',
          '--warm-up',
          '0',
          '--reports',
          place.path,
          '--json',
        ];
        const { toolchain: stock } = recordOf(await thaw('run', ...args)).head.hosts[0] as HostFacts;
        const { root } = await toolchainRoot(stock.name, {
          cache: cacheDirectory(),
          announce: () => {},
          signal: new AbortController().signal,
        });
        // It says another version, and is otherwise the one that works here.
        const own = join(place.path, 'criu');
        const stockBinary = readFileSync(join(root, 'usr/sbin/criu'), 'latin1');
        writeFileSync(own, stockBinary.replaceAll(stock.criu, '9.9.9'), 'latin1');
        chmodSync(own, 0o755);
        const record = recordOf(await thaw('run', ...args, '--criu', own));
        expect(record.verdict).toBe('pass');
        for (const { toolchain } of record.head.hosts)
          expect(toolchain).toMatchObject({ name: `${stock.name}+criu=${own}`, criu: '9.9.9' });
      });

      test('images that are copied over the network come whole, and their way is no part of the gap', async ({
        place,
      }) => {
        const file = place.write(
          'copied.yaml',
          scenario('counter', (text) => text.replace('migration: {', 'migration: { transfer: copy,')),
        );
        const args = [file, '--count', '2', '--warm-up', '0', '--reports', place.path, '--json'];
        const record = recordOf(await thaw('run', ...args));
        expect(record.verdict).toBe('pass');
        for (const { transfer, frozenWindow, spans, imageBytes, pagesAgree } of record.migrations) {
          if (transfer === null || !('ms' in transfer) || !('window' in frozenWindow))
            throw new Error('unknown');
          expect(frozenWindow.transferMs).toBe(transfer.ms);
          // 32 MiB take longer than the few messages that are Thaw's own.
          expect(transfer.ms).toBeGreaterThan(frozenWindow.gap.ms);
          expect(spans.map(({ name }) => name)).toContain('transfer');
          expect(imageBytes).toBeGreaterThan(32 * 1_048_576);
          expect(pagesAgree).toBe(true);
        }
        expect(record.distributions.map(({ measurement }) => measurement)).toContain('transfer');
      });

      test('a page server of the destination takes the pages while they are dumped, and little is left to copy', async ({
        place,
      }) => {
        const file = place.write(
          'pages.yaml',
          scenario('counter', (text) => text.replace('migration: {', 'migration: { transfer: page-server,')),
        );
        const args = [file, '--count', '2', '--warm-up', '0', '--reports', place.path, '--json'];
        const record = recordOf(await thaw('run', ...args));
        expect(record.verdict).toBe('pass');
        for (const { dumpStats, imageBytes, pagesAgree, spans } of record.migrations) {
          if (!('pages_written' in dumpStats)) throw new Error('unknown');
          // As many as the source's CRIU has sent are in the images at the destination.
          expect(pagesAgree).toBe(true);
          expect(imageBytes).toBeGreaterThan(32 * 1_048_576);
          expect(spans.map(({ name }) => name)).toContain('transfer');
        }
        const directory = join(place.path, 'counter', record.head.id, 'migrations/0001');
        expect(readFileSync(join(directory, 'page-server.log'), 'utf8')).toContain('page-xfer');
      });

      test('a hook is called on each host in turn, and new connections are dropped while nobody serves', async ({
        place,
      }) => {
        const log = '/runc/hook.log';
        place.write(
          'hook.sh',
          `#!/bin/sh\nread -r line && [ "$line" = go ] && echo "$(hostname) $*" >>${log}\n`,
        );
        const handover = 'handover: { unserved: drop, hook: hook.sh }';
        const file = place.write(
          'hooked.yaml',
          scenario('counter', (text) => `${text.replace('rate: 100/s', 'rate: 500/s')}\n${handover}\n`),
        );
        const args = [file, '--count', '2', '--warm-up', '0', '--reports', place.path, '--json'];
        const record = recordOf(await thaw('run', ...args));
        expect(record.verdict).toBe('pass');
        for (const { lost, outcome } of record.migrations) {
          expect(outcome).toEqual({ state: 'completed' });
          expect(lost.refused).toBe(0);
        }
        const lines = readFileSync(join(place.path, 'counter', record.head.id, 'migrations.ndjson'), 'utf8');
        for (const line of lines.trim().split('\n')) {
          const { steps } = JSON.parse(line);
          expect([steps['release-hook'].status, steps['claim-hook'].status]).toEqual([0, 0]);
          expect(steps['claim-hook'].argv.slice(0, 4)).toEqual([
            '/run/thaw-handover',
            'claim',
            '172.30.77.10/24',
            '80',
          ]);
          expect(steps['release-hook'].exit.latest).toBeLessThanOrEqual(steps['claim-hook'].exec.latest);
        }
      });

      test('a kept connection survives every migration, and no request on it is lost', async ({ place }) => {
        const ended = await thaw(
          'run',
          'scenarios/nginx-established.yaml',
          '--count',
          '2',
          '--warm-up',
          '0',
          '--reports',
          place.path,
          '--json',
        );
        const record = recordOf(ended);
        expect({
          status: ended.status,
          failed: record.probe.failed,
          connections: record.probe.connections,
        }).toEqual({
          status: 0,
          failed: { refused: 0, reset: 0, timeout: 0, unreachable: 0, garbled: 0, other: 0 },
          connections: 1,
        });
        expect(record.migrations.map(({ connections }) => connections)).toEqual(
          Array(2).fill({ survived: 1, broken: 0, reset: 0, timedOut: 0 }),
        );
      });

      test('the classic procedure runs the very commands of the textbook', async ({ place }) => {
        const ended = await thaw('run', 'scenarios/classic.yaml', '--reports', place.path, '--json');
        const record = recordOf(ended);
        expect({ status: ended.status, verdict: record.verdict }).toEqual({ status: 0, verdict: 'pass' });
        const told = readFileSync(join(place.path, 'classic', record.head.id, 'migrations.ndjson'), 'utf8')
          .trim()
          .split('\n');
        const commands = told.map((line) => {
          const { steps } = JSON.parse(line);
          return [steps.checkpoint, steps.restore].map(({ host, argv }) => `${host}: ${argv.join(' ')}`);
        });
        expect(commands).toEqual([
          ['rhel01: runc checkpoint rhel7-httpd', 'rhel02: runc restore -d rhel7-httpd'],
          ['rhel02: runc checkpoint rhel7-httpd', 'rhel01: runc restore -d rhel7-httpd'],
        ]);
      });

      test('on hosts with cgroup v2 alone it works as well, and a recomputed record is the same to the byte', async ({
        place,
      }) => {
        const file = place.write(
          'v2.yaml',
          scenario('httpd', (text) => `${text}\ntestbed: { cgroup: v2 }\n`),
        );
        const record = recordOf(
          await thaw('run', file, '--count', '1', '--warm-up', '0', '--reports', place.path, '--json'),
        );
        expect(record.head.hosts.map(({ cgroup }) => cgroup)).toEqual(['v2', 'v2']);
        expect(record.verdict).toBe('pass');
        const directory = join(place.path, 'httpd', record.head.id);
        const first = readFileSync(join(directory, 'record.json'));
        const again = await thaw('report', directory);
        expect(again.status).toBe(0);
        expect(readFileSync(join(directory, 'record.json')).equals(first)).toBe(true);
      });

      test('a dump that CRIU refuses fails the check, leaves the container running, and the run goes on', async ({
        place,
      }) => {
        const file = place.write(
          'refused.yaml',
          scenario('nginx-established', (text) =>
            text.replace('connections: established', 'connections: refuse'),
          ),
        );
        const ended = await thaw(
          'run',
          file,
          '--count',
          '2',
          '--warm-up',
          '0',
          '--reports',
          place.path,
          '--json',
        );
        const record = recordOf(ended);
        expect(ended.status).toBe(1);
        expect(record.migrations.map(({ outcome }) => outcome)).toEqual(
          Array(2).fill({
            state: 'failed',
            phase: 'dump',
            survivor: 'rhel01',
            rolledBack: false,
            error: expect.stringContaining('checkpoint failed on rhel01'),
          }),
        );
        expect(record.servedBy.map(({ host }) => host)).toEqual(['rhel01']);
        expect(record.migrations.map(({ diagnosis }) => diagnosis?.failure)).toEqual(
          Array(2).fill('connected-socket'),
        );
        const log = readFileSync(
          join(place.path, 'nginx-established', record.head.id, 'migrations/0001/dump.log'),
          'utf8',
        );
        expect(log).toContain('Connected TCP socket');
      });
    });

    describe('alone', () => {
      test('the heartbeat in the container agrees with the frozen window', async ({ place }) => {
        const record = recordOf(
          await thaw('run', 'bench/heartbeat.yaml', '--count', '5', '--reports', place.path, '--json'),
        );
        const agreed = record.migrations.filter(({ heartbeat }) => 'inside' in heartbeat && heartbeat.inside);
        expect(record.migrations.filter(({ heartbeat }) => 'pauseMs' in heartbeat)).toHaveLength(6);
        expect(agreed.length).toBeGreaterThanOrEqual(5);
      });

      test('post-copy resumes before its memory has come, and puts the settings of the machine back', async ({
        place,
      }) =>
        alone(async () => {
          const settings = (): string[] =>
            lines('cat /proc/sys/fs/pipe-max-size /proc/sys/fs/pipe-user-pages-soft');
          const before = settings();
          const record = recordOf(
            await thaw(
              'run',
              'scenarios/post-copy.yaml',
              '--count',
              '2',
              '--warm-up',
              '0',
              '--reports',
              place.path,
              '--json',
            ),
          );
          expect(record.migrations.map(({ outcome, connections }) => [outcome, connections])).toEqual(
            Array(2).fill([{ state: 'completed' }, { survived: 1, broken: 0, reset: 0, timedOut: 0 }]),
          );
          const told = readFileSync(
            join(place.path, 'post-copy', record.head.id, 'migrations.ndjson'),
            'utf8',
          );
          for (const line of told.trim().split('\n')) {
            const { steps } = JSON.parse(line);
            expect(steps['page-server'].exit.latest).toBeGreaterThan(steps.restore.exit.earliest);
          }
          expect(settings()).toEqual(before);
        }));
    });

    test('nothing of them is left', async () => {
      expect(await settledInventory(before)).toEqual(before);
    });
  },
);
