import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { layerOf } from '../../harness/runtime/parts.ts';
import { cachedRoot } from '../../harness/runtime/roots/cache.ts';
import { listToolchains, removeToolchains } from '../../harness/testbed/toolchain-cache.ts';

let cache: string;
let layer: string;
const quiet = { announce: () => {} };
const SHA = createHash('sha256').update('release').digest('hex');

function write(path: string, content: string): string {
  const file = join(cache, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

beforeEach(async () => {
  cache = mkdtempSync(join(tmpdir(), 'thaw-cache-'));
  const build = async (root: string) => writeFileSync(join(root, 'file'), 'content');
  const recipe = { kind: 'debian', suite: 'forky', packages: ['criu'] };
  await cachedRoot(cache, { label: 'toolchain debian:forky', recipe, build, about: '1 s' }, quiet.announce);
  const path = write('own/criu', 'binary');
  chmodSync(path, 0o755);
  layer = (await layerOf(cache, '/', [{ tool: 'criu', root: '/', path, libraries: [] }])).directory;
  write(`downloads/${SHA}`, 'release');
  const sha256 = createHash('sha256').update('built').digest('hex');
  write('builds/runc-1/runc', 'built');
  const built = { part: 'runc', repository: '/src/runc', described: 'v1.3-2-gabc', suite: 'forky', sha256 };
  write('builds/runc-1/manifest.json', JSON.stringify(built));
  write('builds/runc-1.log', 'the log');
  write('builds/runc-2.partial-00000000/sources', '');
});
afterEach(() => rmSync(cache, { recursive: true }));

const shown = async () =>
  (await listToolchains(cache)).map(({ kind, what, whole }) => [kind, what, whole]).sort();

test('each kind is told as what it is; what is being built is left out', async () => {
  expect(await shown()).toEqual([
    ['binaries', 'criu above a root', true],
    ['build', 'runc v1.3-2-gabc of /src/runc, built in debian:forky', true],
    ['download', 'a binary by its checksum', true],
    ['root', 'toolchain debian:forky', true],
  ]);
});

test('what was changed is damaged', async () => {
  writeFileSync(join(layer, 'usr/local/sbin/criu'), 'changed');
  write('builds/runc-1/runc', 'changed');
  write(`downloads/${SHA}`, 'changed');
  const root = (await listToolchains(cache)).find(({ kind }) => kind === 'root');
  writeFileSync(join(root?.paths[0] as string, 'root/more'), '');
  expect((await shown()).map(([, , whole]) => whole)).toEqual([false, false, false, false]);
});

test('a suite removes its toolchain, a name what has it, and a log goes with its build', async () => {
  const removal = { names: ['debian:forky', 'runc-1'], all: false, unusedDays: null };
  const { removed, inUse } = await removeToolchains(removal, quiet, cache);
  expect(removed.map(({ kind }) => kind).sort()).toEqual(['build', 'root']);
  expect(inUse).toEqual([]);
  expect(existsSync(join(cache, 'builds/runc-1.log'))).toBe(false);
  expect((await shown()).map(([kind]) => kind)).toEqual(['binaries', 'download']);
});

test('an unknown name removes nothing, and the nearest is named', async () => {
  const removal = { names: ['runc-1', 'debian:forkyy'], all: false, unusedDays: null };
  await expect(removeToolchains(removal, quiet, cache)).rejects.toMatchObject({
    message: 'there is no debian:forkyy in the cache; did you mean `debian:forky`?',
    exitCode: 64,
  });
  expect(await shown()).toHaveLength(4);
});

test('what was not used for so many days is unused; to use it is to keep it', async () => {
  const old = new Date(Date.now() - 40 * 86_400_000);
  for (const path of [layer, join(cache, 'downloads', SHA)]) utimesSync(path, old, old);
  const path = join(cache, 'own/criu');
  await layerOf(cache, '/', [{ tool: 'criu', root: '/', path, libraries: [] }]);
  const removal = { names: [], all: false, unusedDays: 30 };
  const { removed } = await removeToolchains(removal, quiet, cache);
  expect(removed.map(({ kind }) => kind)).toEqual(['download']);
});

test('all is all, trials too', async () => {
  write('trials/one.json', '{}');
  await removeToolchains({ names: [], all: true, unusedDays: null }, quiet, cache);
  expect(await shown()).toEqual([]);
  expect(existsSync(join(cache, 'trials'))).toBe(false);
});
