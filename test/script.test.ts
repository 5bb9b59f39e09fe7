import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RunRecord, Scenario } from '../harness/model.ts';
import { scriptOf } from '../harness/script.ts';
import { failingRecord, hostileRecord, passingRecord } from './report/fixture.ts';

const shellcheck = spawnSync('shellcheck', ['--version']).status === 0;

function changed(change: (scenario: Scenario) => Partial<Scenario>): RunRecord {
  const record = passingRecord();
  const { head } = record;
  return { ...record, head: { ...head, scenario: { ...head.scenario, ...change(head.scenario) } } };
}

/** What the functions of a script print, without the script doing anything. */
function printed(script: string, call: string): string {
  const head = script.slice(0, script.indexOf('# -----'));
  const { stdout, stderr } = spawnSync('/bin/sh', ['-c', `${head}\n${call}`], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout;
}

describe('a run as a shell script', () => {
  test.each([
    ['passed', passingRecord()],
    ['failed', failingRecord()],
    ['is hostile', hostileRecord()],
    ['copies', changed(({ migration }) => ({ migration: { ...migration, transfer: 'copy' } }))],
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
      for (const record of [passingRecord(), failingRecord(), hostileRecord()]) {
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

  test('what a script does not do is refused', async () => {
    const lazy = changed(({ migration }) => ({
      migration: { ...migration, strategy: { kind: 'post-copy' } },
    }));
    await expect(scriptOf(lazy)).rejects.toThrow('no script can be written of the strategy post-copy');
    await expect(scriptOf({ ...passingRecord(), migrations: [] })).rejects.toThrow('no migration');
  });
});
