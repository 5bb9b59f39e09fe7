import { describe, expect, it } from 'vitest';
import { execute } from '../../harness/cli/execute.ts';
import { bisectOf } from '../report/bisect/fixture.ts';
import { fakeContext } from './fake-context.ts';

const ROOT = { uid: 0, platform: 'linux' as const };
const ASKED = ['bisect', '--good', 'debian:forky', '--bad', 'debian:bookworm', '--scenario', 's.yaml'];

describe('thaw bisect', () => {
  it('plans, runs, and shows what came out', async () => {
    const fake = fakeContext([...ASKED, '--count', '2'], ROOT);
    expect(await execute(fake.context)).toBe(0);
    expect(fake.calls).toEqual([
      [
        'plan bisect',
        {
          scenario: 's.yaml',
          overrides: { limits: true, count: 2 },
          good: 'debian:forky',
          bad: 'debian:bookworm',
          versions: null,
          repository: null,
          part: null,
          failure: null,
          confidence: 0.95,
          runs: 100,
          command: [...ASKED, '--count', '2'],
        },
      ],
      ['bisect', 'reports'],
    ]);
    expect(fake.out()).toContain('FIRST FIXED');
  });

  it('hands on a list or a repository', async () => {
    const list = fakeContext([...ASKED, '--versions', 'a,b,c', '--part', 'runc', '--json'], ROOT);
    await execute(list.context);
    expect(list.calls[0]).toMatchObject(['plan bisect', { versions: ['a', 'b', 'c'], part: 'runc' }]);
    expect(JSON.parse(list.out())).toMatchObject({ state: 'found', directory: expect.any(String) });
    const more = ['--repository', '/src', '--part', 'criu', '--failure', 'file-lock', '--confidence', '99%'];
    const git = fakeContext([...ASKED, ...more], ROOT);
    await execute(git.context);
    expect(git.calls[0]).toMatchObject([
      'plan bisect',
      { repository: '/src', part: 'criu', failure: 'file-lock', confidence: 0.99 },
    ]);
  });

  it('takes up one that was interrupted, and needs nothing else', async () => {
    const fake = fakeContext(['bisect', '--resume', 'reports/httpd/bisect-1'], ROOT);
    expect(await execute(fake.context)).toBe(0);
    expect(fake.calls).toEqual([['resume bisect', 'reports/httpd/bisect-1']]);
  });

  it.each([
    ['found', 0],
    ['skips', 2],
    ['runs', 2],
    ['end', 1],
    ['going', 2],
  ] as const)('ends with the code of %s', async (state, code) => {
    const actions = { bisect: async () => ({ result: bisectOf({ state }), directory: 'r' }) };
    expect(await execute(fakeContext(ASKED, { ...ROOT, actions }).context)).toBe(code);
  });

  it.each([
    [['bisect', '--good', 'a'], '--good, --bad and --scenario'],
    [[...ASKED, '--versions', 'a,b', '--repository', 'r'], 'does not go with'],
    [[...ASKED, '--part', 'criu', '--criu', '/x'], '--criu is what is bisected'],
    [[...ASKED, '--toolchain', 'host'], '--toolchain is what is bisected'],
    [[...ASKED, '--confidence', '0.9'], 'percentage'],
  ])('refuses %j', async (argv, said) => {
    const fake = fakeContext(argv, ROOT);
    expect(await execute(fake.context)).toBe(64);
    expect([fake.err(), fake.calls]).toEqual([expect.stringContaining(said), []]);
  });

  it('needs root', async () => {
    const fake = fakeContext(ASKED, { ...ROOT, uid: 1_000 });
    expect(await execute(fake.context)).toBe(2);
  });
});
