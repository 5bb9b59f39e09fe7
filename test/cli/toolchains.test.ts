import { expect, test } from 'vitest';
import { execute } from '../../harness/cli/execute.ts';
import { listed, trial } from '../report/toolchains-fixture.ts';
import { fakeContext } from './fake-context.ts';

async function thaw(argv: string[], given: Parameters<typeof fakeContext>[1] = {}) {
  const fake = fakeContext(argv, given);
  const exitCode = await execute(fake.context);
  return { exitCode, calls: fake.calls, out: fake.out(), err: fake.err() };
}

test('list needs no root, and prints JSON', async () => {
  const { exitCode, out } = await thaw(['toolchains', 'list', '--json'], { uid: 1_000 });
  expect([exitCode, JSON.parse(out)]).toEqual([0, listed()]);
});

test('build takes names one after another', async () => {
  const { exitCode, calls } = await thaw(['toolchains', 'build', 'debian:forky', 'criu=git:/src/criu@v4.2']);
  expect([exitCode, calls]).toEqual([
    0,
    [
      ['build toolchain', 'debian:forky'],
      ['build toolchain', 'criu=git:/src/criu@v4.2'],
    ],
  ]);
});

test.each([
  [true, 0],
  [false, 1],
])('check: where one works is %s, the exit code is %i', async (works, code) => {
  const actions = { checkToolchain: async (name: string) => ({ name, ...trial(works) }) };
  expect((await thaw(['toolchains', 'check', 'host'], { actions })).exitCode).toBe(code);
});

test.each([
  [['debian:trixie'], { names: ['debian:trixie'], all: false, unusedDays: null }],
  [['--all'], { names: [], all: true, unusedDays: null }],
  [['--unused'], { names: [], all: false, unusedDays: 30 }],
  [['--unused', '7'], { names: [], all: false, unusedDays: 7 }],
])('remove %j', async (argv, removal) => {
  const { exitCode, calls } = await thaw(['toolchains', 'remove', ...argv]);
  expect([exitCode, calls]).toEqual([0, [['remove toolchains', removal]]]);
});

test('remove says 2 where something is in use, and 64 where nothing is named', async () => {
  const actions = { removeToolchains: async () => ({ removed: [], inUse: listed().slice(0, 1) }) };
  expect((await thaw(['toolchains', 'remove', '--all'], { actions })).exitCode).toBe(2);
  const { exitCode, err, calls } = await thaw(['toolchains', 'remove']);
  expect([exitCode, calls]).toEqual([64, []]);
  expect(err).toContain('nothing is named to be removed');
  expect((await thaw(['toolchains', 'remove', '--unused', 'long'])).exitCode).toBe(64);
});

test('what changes the machine needs its root', async () => {
  for (const argv of [
    ['build', 'host'],
    ['check', 'host'],
    ['remove', '--all'],
  ])
    expect((await thaw(['toolchains', ...argv], { uid: 1_000 })).exitCode).toBe(2);
});
