import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../harness/errors.ts';
import type { RunRecord, Scenario } from '../harness/model.ts';
import { scriptOf } from '../harness/script.ts';
import { recordSchema } from '../harness/store/schema-record.ts';
import { failingRecord, hostileRecord, passingRecord } from './report/fixture.ts';
import { withFiles } from './store/fixture.ts';

const shellcheck = spawnSync('shellcheck', ['--version']).status === 0;

function changed(change: (scenario: Scenario) => Partial<Scenario>): RunRecord {
  const record = passingRecord();
  const { head } = record;
  return { ...record, head: { ...head, scenario: { ...head.scenario, ...change(head.scenario) } } };
}

function moving(by: Partial<Scenario['migration']>): RunRecord {
  return changed(({ migration }) => ({ migration: { ...migration, ...by } }));
}

const HYBRID = { kind: 'hybrid', preDumps: 2, until: null, autoDedup: false } as const;

/** What the functions of a script print, without the script doing anything. */
function printed(script: string, call: string): string {
  const head = script.slice(0, script.indexOf('# -----'));
  const { stdout, stderr } = spawnSync('/bin/sh', ['-c', `${head}\n${call}`], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout;
}

type Path = (string | number)[];

/** Where a record has text, of its head and of its first migrations. */
function textsIn(record: RunRecord): Path[] {
  const below = (value: unknown, path: Path): Path[] => {
    if (typeof value === 'string') return [path];
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, inner]) =>
      below(inner, [...path, Array.isArray(value) ? Number(key) : key]),
    );
  };
  const migrations = record.migrations.findIndex(({ outcome }) => outcome.state === 'failed');
  return below(record, []).filter(
    ([part, index]) =>
      part === 'head' || (part === 'migrations' && Number(index) === Math.max(0, migrations)),
  );
}

function replacedAt(record: unknown, [key = '', ...rest]: Path, text: string): unknown {
  const changed = rest.length === 0 ? text : replacedAt((record as Record<string, unknown>)[key], rest, text);
  if (Array.isArray(record)) return record.with(Number(key), changed);
  return { ...(record as object), [key]: changed };
}

/** The words of a script that the shell looks into. */
function unquoted(script: string): string {
  return script.replaceAll(/^ *#.*$|'[^']*'|\\./gm, '');
}

function unlessTold(error: unknown): null {
  if (!(error instanceof UsageError)) throw error;
  return null;
}

describe('a run as a shell script', () => {
  test.each([
    ['passed', passingRecord()],
    ['failed', failingRecord()],
    ['is hostile', hostileRecord()],
    ['copies', moving({ transfer: 'copy' })],
    ['has a page server', moving({ transfer: 'page-server' })],
    ['lets pages follow', moving({ strategy: { kind: 'post-copy' } })],
    ['makes pre-dumps and lets pages follow', moving({ strategy: HYBRID })],
    [
      'makes pre-dumps',
      changed(({ migration }) => ({
        migration: {
          ...migration,
          strategy: { kind: 'pre-copy', preDumps: 2, until: null, autoDedup: true },
        },
      })),
    ],
  ])('of one that %s is one that the shell takes', async (_, record) => {
    const script = await scriptOf(record);
    expect(spawnSync('/bin/sh', ['-n'], { input: script, encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    });
  });

  test.skipIf(!shellcheck)(
    'and ShellCheck has nothing to say of it (skipped where there is none)',
    async () => {
      for (const record of [
        passingRecord(),
        failingRecord(),
        hostileRecord(),
        moving({ strategy: HYBRID }),
        moving({ transfer: 'page-server' }),
      ]) {
        const checked = spawnSync('shellcheck', ['-'], { input: await scriptOf(record), encoding: 'utf8' });
        expect(checked.stdout).toBe('');
      }
    },
  );

  test('no text of a run is read as shell', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        const content = `'; echo "$(id)" \`id\` ${text.replaceAll('\0', '')}`;
        const record = changed(({ bundle }) => ({
          bundle: { ...bundle, hostFiles: [{ path: '/tmp/x', content }] },
        }));
        const put = 'put() { cat; }; on() { :; }; host_files rhel01';
        expect(printed(await scriptOf(record), put)).toBe(Buffer.from(content).toString());
      }),
      { numRuns: 20 },
    );
  });

  test('whatever stands in a record, of a stranger too, stands in the script in single quotes or in a comment', async () => {
    const evil = `x";touch PWNED;'$(touch PWNED)\`touch PWNED\`';touch PWNED "`;
    const texts = [evil, `debian:${evil}`, `path:${evil}`, 'x\ntouch PWNED\n'];
    const records = [failingRecord(), moving({ strategy: HYBRID }), moving({ transfer: 'page-server' })].map(
      withFiles,
    );
    let tried = 0;
    for (const path of records.flatMap((one) => textsIn(one).map((at) => [one, at] as const))) {
      const [record, at] = path;
      for (const text of texts) {
        const changed = recordSchema.safeParse(replacedAt(record, at, text));
        if (!changed.success) continue;
        const script = await scriptOf(changed.data).catch(unlessTold);
        if (script === null) continue;
        tried++;
        expect(unquoted(script), at.join('.')).not.toContain('touch PWNED');
      }
    }
    expect(tried).toBeGreaterThan(100);
  });

  test('it has the config.json, the commands and the failure of the run', async () => {
    const script = await scriptOf(failingRecord());
    const stub = 'in_bundle() { shift; echo "$*"; }; on() { shift; echo "$*"; }';
    expect(JSON.parse(printed(script, 'config'))).toMatchObject({ root: { path: 'rootfs' } });
    expect(printed(script, `${stub}; checkpoint rhel01 /images; restore rhel02 /images`)).toMatch(
      /^runc checkpoint .*\nrunc restore -d /,
    );
    expect(printed(script, 'echo "$expected_phase"').trim()).toBe(
      failingRecord()
        .migrations.flatMap(({ outcome }) => (outcome.state === 'failed' ? [outcome.phase] : []))
        .at(0),
    );
  });

  test('pages that follow are served by the source, and the daemon on the destination asks there', async () => {
    const script = await scriptOf(moving({ strategy: HYBRID }));
    const stub = 'in_bundle() { shift; echo "$*"; }';
    const told = printed(
      script,
      `${stub}; address_of() { echo "address of $1"; }
      checkpoint rhel01 /i rhel02; lazy_pages rhel02 /i rhel01; restore rhel02 /i`,
    );
    expect(told.replaceAll(/ --tcp-\S+| --manage\S+ \S+/g, '').split('\n')).toEqual([
      expect.stringMatching(
        /^runc checkpoint --image-path \/i --work-path \/i --lazy-pages --page-server 0.0.0.0:27 --status-fd 6 --parent-path pre-2 /,
      ),
      'criu lazy-pages --page-server --address address of rhel01 --port 27 --images-dir /i --work-dir /i ' +
        '--log-file lazy-pages.log -vv --daemon --pidfile /i/lazy-pages.pid',
      expect.stringMatching(/^runc restore -d --image-path \/i --work-path \/i --lazy-pages /),
      '',
    ]);
  });

  test('pages that go before are sent to a server on the destination', async () => {
    const script = await scriptOf(moving({ transfer: 'page-server' }));
    const stub = 'in_bundle() { echo "$*"; }; address_of() { echo "at-$1"; }';
    const told = printed(script, `${stub}; page_server rhel02 /i; checkpoint rhel01 /i rhel02`);
    expect(told).toMatch(
      /^rhel02 criu page-server --address at-rhel02 --port 27 --status-fd 6 --images-dir \/i .*\nrhel01 runc checkpoint .*--page-server at-rhel02:27 /,
    );
  });

  test('of a bundle of the own, its config.json stands in it, and ROOTFS is the directory', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'thaw-own-'));
    try {
      const own = changed(({ bundle }) => ({
        bundle: { ...bundle, kind: 'existing', path: directory } as Scenario['bundle'],
      }));
      await expect(scriptOf(own)).rejects.toThrow(`${directory}/config.json is no OCI config.json`);
      const config = JSON.parse(printed(await scriptOf(passingRecord()), 'config'));
      writeFileSync(
        join(directory, 'config.json'),
        JSON.stringify({ ...config, hostname: 'mine', root: { path: 'r' } }),
      );
      const script = await scriptOf(own);
      expect(JSON.parse(printed(script, 'config'))).toMatchObject({ hostname: 'mine', root: { path: 'r' } });
      expect(printed(script, 'work=/w; build() { :; }; find_roots; echo "$ROOTFS$root_at"')).toBe(
        `${directory}\n`,
      );
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test('what a script does not do is refused', async () => {
    await expect(scriptOf({ ...passingRecord(), migrations: [] })).rejects.toThrow('no migration');
  });
});
