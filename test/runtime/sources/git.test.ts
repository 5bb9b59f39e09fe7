import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { checkOut, commitOf, describe as described } from '../../../harness/runtime/sources/git.ts';
import type { RootContext } from '../../../harness/runtime/toolchain.ts';
import { type Repository, repository } from './repository.ts';

let folder: string;
let announced: string[];
let context: RootContext;
let source: Repository;
let first: string;
let second: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'thaw-git-'));
  announced = [];
  const { signal } = new AbortController();
  context = { cache: join(folder, 'cache'), announce: (line) => announced.push(line), signal };
  source = repository(join(folder, 'criu'));
  first = source.commit({ 'a/file': 'one\n' });
  source.git('tag', 'v4.1');
  second = source.commit({ 'a/file': 'two\n' });
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test('a tag, a branch, an expression and a short commit are the commits that git says', async () => {
  for (const [name, commit] of [
    ['v4.1', first],
    ['main', second],
    ['main~1', first],
    [second.slice(0, 9), second],
  ] as const) {
    expect(await commitOf(source.path, name, context)).toEqual({ directory: source.path, commit });
  }
  expect(announced).toEqual([]);
});

test('the files of a commit are those that were committed, whatever is checked out', async () => {
  const found = await commitOf(source.path, 'v4.1', context);
  const into = join(folder, 'out');
  mkdirSync(into);
  await checkOut(found, into, context);
  expect(readdirSync(into)).toEqual(['a']);
  expect(readFileSync(join(into, 'a/file'), 'utf8')).toBe('one\n');
  expect(await described(found)).toBe('v4.1');
});

test('submodules come with it', async () => {
  const inner = repository(join(folder, 'inner'));
  inner.commit({ deep: 'deep\n' });
  source.git(
    '-c',
    'protocol.file.allow=always',
    'submodule',
    '--quiet',
    'add',
    pathToFileURL(inner.path).href,
    'sub',
  );
  const commit = source.commit({});
  // git itself takes no submodules from files unless its user says so.
  vi.stubEnv('HOME', folder);
  writeFileSync(join(folder, '.gitconfig'), '[protocol "file"]\nallow = always\n');
  const into = join(folder, 'out');
  mkdirSync(into);
  await checkOut({ directory: source.path, commit }, into, context);
  expect(readFileSync(join(into, 'sub/deep'), 'utf8')).toBe('deep\n');
});

test('a repository elsewhere is fetched into the cache, and not again for a commit that is there', async () => {
  const url = pathToFileURL(source.path).href;
  const found = await commitOf(url, 'v4.1', context);
  expect(found.commit).toBe(first);
  expect(found.directory.startsWith(context.cache)).toBe(true);
  expect(announced).toEqual([`fetching ${url}`]);
  rmSync(source.path, { recursive: true });
  expect(await commitOf(url, second, context)).toEqual({ ...found, commit: second });
  expect(announced).toHaveLength(1);
});

test('a branch that moved elsewhere is fetched again', async () => {
  const url = pathToFileURL(source.path).href;
  expect((await commitOf(url, 'main', context)).commit).toBe(second);
  const third = source.commit({ b: '' });
  expect((await commitOf(url, 'main', context)).commit).toBe(third);
});

test.each([
  ['v4.11', /^\/.* has no revision v4\.11; did you mean `v4\.1`\?$/],
  ['0123456789012345678901234567890123456789', /; known are main, v4\.1$/],
])('%s is no revision: the nearest is named', async (name, message) => {
  await expect(commitOf(source.path, name, context)).rejects.toMatchObject({
    message: expect.stringMatching(message),
    exitCode: 64,
  });
});

test('a directory without a repository, and a path with nothing, are told apart', async () => {
  const plain = join(folder, 'plain');
  mkdirSync(plain);
  await expect(commitOf(plain, 'main', context)).rejects.toThrow(`${plain} is no git repository`);
  await expect(commitOf(join(folder, 'none'), 'main', context)).rejects.toThrow('none is not a directory');
});

test("what cannot be fetched is the machine's, with what git said", async () => {
  const url = pathToFileURL(join(folder, 'none')).href;
  await expect(commitOf(url, 'main', context)).rejects.toMatchObject({
    message: expect.stringMatching(/could not be fetched: .*does not appear to be a git repository/s),
    exitCode: 2,
  });
  // Nothing half fetched is left for a later run to find.
  expect(readdirSync(join(context.cache, 'sources')).filter((name) => name.includes('none'))).toEqual([]);
});
