import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { cacheDirectory } from '../../harness/paths.ts';
import { rootFor } from '../../harness/runtime/roots/build.ts';
import { inventory, settledInventory, whyNotHere } from './machine.ts';
import { buildRepository, whyNoPackages } from './rpm/repository.ts';
import { recordOf, scratch, thaw } from './thaw.ts';

const why = whyNotHere() ?? whyNoPackages();
let packages: ReturnType<typeof scratch>;
let repository = '';
let place: ReturnType<typeof scratch>;

describe.skipIf(why !== null)(`roots of RPM packages${why === null ? '' : ` (skipped: ${why})`}`, () => {
  beforeAll(() => {
    packages = scratch();
    repository = buildRepository(packages.path);
  });
  afterAll(() => {
    // The repository goes, so nothing could take these roots from the cache again.
    for (const directory of cachedRoots(cacheDirectory())) rmSync(directory, { recursive: true });
    packages.remove();
  });
  beforeEach(() => {
    place = scratch();
  });
  afterEach(() => place.remove());

  test('a root that dnf installed boots, answers, and migrates there and back', async () => {
    const before = inventory();
    const text = readFileSync(join(import.meta.dirname, 'rpm/classic.yaml'), 'utf8');
    const file = place.write('rpm.yaml', text.replaceAll('file:///repository', repository));
    const ended = await thaw('run', file, '--reports', place.path, '--json');
    const record = recordOf(ended);
    expect({ status: ended.status, verdict: record.verdict }).toEqual({ status: 0, verdict: 'pass' });
    expect(record.servedBy.map(({ host }) => host)).toEqual(['rhel01', 'rhel02', 'rhel01']);
    expect(record.migrations.map(({ outcome }) => outcome)).toEqual(Array(2).fill({ state: 'completed' }));
    for (const { packages } of record.head.hosts)
      expect(packages?.map((line) => line.split('\t')[0])).toEqual(['criu', 'crun', 'runc']);
    expect(await settledInventory(before)).toEqual(before);

    const directory = cachedRoots(cacheDirectory()).find((path) => basename(path).startsWith('root-of-'));
    const root = join(directory ?? '', 'root');
    expect(readFileSync(join(root, 'etc/httpd/conf.d/server-name.conf'), 'utf8')).toBe(
      'ServerName localhost\n',
    );
    expect(asked('chroot', root, 'rpm', '--eval', '%_dbpath')).toEqual(['/usr/lib/sysimage/rpm']);
    expect(asked('chroot', root, 'rpm', '-qa')).toEqual([
      'filesystem-1-1.x86_64',
      'httpd-2.4-1.x86_64',
      'rpm-4.18-1.x86_64',
    ]);
    expect(existsSync(join(root, 'var/lib/rpm'))).toBe(false);
  });

  test('without an rpm in the root the database lies where a distribution has it', async () => {
    const { root } = await built(['httpd']);
    expect(asked('rpm', '--root', root, '--dbpath', '/var/lib/rpm', '-qa')).toEqual([
      'filesystem-1-1.x86_64',
      'httpd-2.4-1.x86_64',
    ]);
    expect(existsSync(join(root, 'root/.rpmdb'))).toBe(false);
    expect(readFileSync(join(root, 'etc/httpd.post'), 'utf8')).toContain('rhel fedora');
  });

  test('packages that two roots have are installed once, and what else each has is its own', async () => {
    const [one, other] = [
      await built(['httpd'], { directories: ['/one'] }),
      await built(['httpd'], { directories: ['/other'] }),
    ];
    const names = readdirSync(join(place.path, 'roots')).map((name) => name.replace(/-[0-9a-f]{16}$/, ''));
    expect(names.sort()).toEqual(['packages', 'test', 'test']);
    expect(readdirSync(one.root)).toEqual(expect.arrayContaining(['etc', 'one']));
    expect(readdirSync(other.root)).toEqual(expect.arrayContaining(['etc', 'other']));
    expect([existsSync(join(one.root, 'other')), existsSync(join(other.root, 'one'))]).toEqual([
      false,
      false,
    ]);
  });

  test('what cannot be installed is told, and nothing is kept of it', async () => {
    await expect(built(['htpd'])).rejects.toMatchObject({
      message: 'no package htpd in releasever 9 (asked for: htpd)',
      exitCode: 64,
    });
    await expect(built(['httpd'], { url: 'file:///nonexistent/repository' })).rejects.toMatchObject({
      message: expect.stringContaining("Failed to download metadata for repo 'thaw0'"),
      exitCode: 2,
    });
    expect(readdirSync(join(place.path, 'roots'))).toEqual([]);
  });
});

/** A root in a cache of the test's own. */
function built(
  names: string[],
  { url = repository, directories = [] as string[] } = {},
): Promise<{ root: string }> {
  const recipe = { kind: 'rpm' as const, releasever: '9', packages: names, repositories: [url], files: [] };
  const request = { recipe, directories, label: 'test' };
  return rootFor(place.path, request, () => {}, new AbortController().signal);
}

/** Directories of the cache whose root was installed from the repository of this test. */
function cachedRoots(cache: string): string[] {
  return readdirSync(join(cache, 'roots'))
    .map((name) => join(cache, 'roots', name))
    .filter((directory) => {
      const manifest = join(directory, 'manifest.json');
      return existsSync(manifest) && readFileSync(manifest, 'utf8').includes(`"${repository}"`);
    });
}

/** Lines of what a command prints, sorted. */
function asked(command: string, ...args: string[]): string[] {
  return execFileSync(command, args, { encoding: 'utf8' }).trim().split('\n').sort();
}
