import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  abandonedLayers,
  binaryIn,
  joinToolchain,
  layerOf,
  splitToolchain,
} from '../../harness/runtime/parts.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'thaw-parts-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function binary(name: string, content: string, mode = 0o700): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

test.each([
  ['debian:forky', 'debian:forky', []],
  ['auto+criu=/src/criu/criu/criu', 'auto', [{ tool: 'criu', from: '/src/criu/criu/criu' }]],
  ['path:/a+b+runc=host', 'path:/a+b', [{ tool: 'runc', from: 'host' }]],
  [
    'host+criu=/x+y/criu+runc=debian:trixie',
    'host',
    [
      { tool: 'criu', from: '/x+y/criu' },
      { tool: 'runc', from: 'debian:trixie' },
    ],
  ],
] as const)('%s is a root and parts', (name, base, parts) => {
  expect(splitToolchain(name)).toEqual({ base, parts });
  expect(joinToolchain(base, parts)).toBe(name);
});

test('the last of two parts for one tool counts', () => {
  const { base, parts } = splitToolchain(joinToolchain('auto+criu=/a', [{ tool: 'criu', from: '/b' }]));
  expect(joinToolchain(base, parts)).toBe('auto+criu=/b');
});

test('binaries lie in a layer that is named by their content', async () => {
  const path = binary('criu', 'one');
  const first = await layerOf(folder, '/', [{ tool: 'criu', root: '/', path }]);
  expect(readFileSync(join(first.directory, 'usr/local/sbin/criu'), 'utf8')).toBe('one');
  // What is built anew meanwhile is another layer, and the first is as it was.
  writeFileSync(path, 'two');
  const second = await layerOf(folder, '/', [{ tool: 'criu', root: '/', path }]);
  expect(second.digest).not.toBe(first.digest);
  expect(readFileSync(join(first.directory, 'usr/local/sbin/criu'), 'utf8')).toBe('one');
  expect(await layerOf(folder, '/', [{ tool: 'criu', root: '/', path }])).toEqual(second);
  expect(readdirSync(join(folder, 'parts'))).toHaveLength(2);
});

test('the same file as another tool is another layer', async () => {
  const path = binary('any', 'one');
  const digests = await Promise.all(
    (['runc', 'crun'] as const).map(
      async (tool) => (await layerOf(folder, '/', [{ tool, root: '/', path }])).digest,
    ),
  );
  expect(new Set(digests).size).toBe(2);
});

test('what is no executable file is refused, and nothing is half made', async () => {
  for (const path of [binary('plain', 'x', 0o600), folder, join(folder, 'none')])
    await expect(layerOf(folder, '/', [{ tool: 'runc', root: '/', path }])).rejects.toMatchObject({
      message: `${path} is not an executable file`,
      exitCode: 64,
    });
  expect(readdirSync(folder)).not.toContain('parts');
});

test('who asks for a version by its number is told which are here, the nearest first', async () => {
  for (const [suite, version] of [
    ['forky', '1.3.6+ds1-1'],
    ['trixie', '1.1.15+ds1-2'],
  ]) {
    const directory = join(folder, `roots/toolchain-debian-${suite}-0`);
    mkdirSync(join(directory, 'root/var/lib/dpkg'), { recursive: true });
    writeFileSync(join(directory, 'manifest.json'), JSON.stringify({ digest: '0', recipe: { suite } }));
    writeFileSync(
      join(directory, 'root/var/lib/dpkg/status'),
      `Package: criu\nVersion: 9\n\nPackage: runc\nStatus: install ok installed\nVersion: ${version}\n\n`,
    );
  }
  mkdirSync(join(folder, 'roots/toolchain-debian-sid-1.partial-2'));
  const asked = (path: string) => layerOf(folder, '/', [{ tool: 'runc', root: '/', path }]);
  await expect(asked(join(folder, '1.3.7'))).rejects.toMatchObject({
    message:
      'no file 1.3.7 here; runc by version is 1.3.6+ds1-1 (debian:forky), 1.1.15+ds1-2 (debian:trixie)',
    next: 'the nearest is --runc debian:forky; any other is built by --runc git:REPOSITORY@REVISION',
  });
  await expect(asked(join(folder, 'v1.1.14'))).rejects.toMatchObject({
    next: expect.stringContaining('--runc debian:trixie'),
  });
  await expect(asked(join(folder, 'runc.mine'))).rejects.toMatchObject({
    message: `${join(folder, 'runc.mine')} is not an executable file`,
  });
});

test('a layer that was never finished is abandoned after an hour', async () => {
  const old = join(folder, 'parts/aa.partial-1');
  mkdirSync(old, { recursive: true });
  mkdirSync(join(folder, 'parts/bb.partial-2'));
  mkdirSync(join(folder, 'parts/cc'));
  const before = new Date(Date.now() - 2 * 3_600_000);
  for (const name of ['aa.partial-1', 'cc']) utimesSync(join(folder, 'parts', name), before, before);
  expect(await abandonedLayers(folder)).toEqual([old]);
});

test('a root is asked for a tool where distributions keep it', async () => {
  const path = binary('root/usr/sbin/criu', '');
  const root = join(folder, 'root');
  const found = await binaryIn(root, { tool: 'criu', from: 'debian:forky' });
  expect(found).toEqual({ tool: 'criu', root, path: '/usr/sbin/criu' });
  expect(join(root, found.path)).toBe(path);
  await expect(binaryIn(root, { tool: 'crun', from: 'debian:forky' })).rejects.toThrow(
    'debian:forky has no crun',
  );
});
