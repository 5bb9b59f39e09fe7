import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startClock } from '../../harness/clock.ts';
import { keepImages } from '../../harness/migration/keep-images.ts';
import type { Migration } from '../../harness/migration/migrate.ts';
import { type FakeHost, fakeHost, type Stubs } from '../fake-host.ts';

let place: string;
let hosts: FakeHost[];
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'thaw-images-'));
  hosts = [];
});
afterEach(() => {
  for (const host of hosts) host.remove();
  rmSync(place, { recursive: true });
});

/** One that failed, with an image directory on a share. */
function failedMigration(number: number, stubs: Stubs = {}): Migration {
  const images = join(place, 'bundle/checkpoint');
  mkdirSync(join(images, 'pre-1'), { recursive: true });
  writeFileSync(join(images, 'pages-1.img'), 'memory');
  writeFileSync(join(images, 'pre-1/pages-1.img'), 'memory before');
  const files = `migrations/${String(number).padStart(4, '0')}`;
  mkdirSync(join(place, files), { recursive: true });
  const [source, destination] = ['rhel01', 'rhel02'].map((name) => {
    const host = fakeHost(name, stubs);
    hosts.push(host);
    return { host };
  });
  return {
    ...{ number, source, destination, clock: startClock(), files, filesDirectory: join(place, files) },
    container: { runtime: 'runc', id: 'web', bundle: join(place, 'bundle') },
    scenario: { migration: { imageDirectory: 'default', transfer: 'share' } },
  } as unknown as Migration;
}

test('the images of a failed migration become one archive that only its owner reads', async () => {
  const [kept, ...others] = await keepImages(failedMigration(7));
  expect(others).toEqual([]);
  expect(kept).toMatchObject({
    kind: 'images',
    host: 'rhel02',
    file: 'migrations/0007/images-rhel02.tar.gz',
    why: null,
  });
  const archive = join(place, kept?.file as string);
  expect([statSync(archive).size, statSync(archive).mode & 0o777]).toEqual([kept?.bytes, 0o600]);
  const names = execFileSync('tar', ['-tzf', archive], { encoding: 'utf8' }).split('\n');
  expect(names).toEqual(expect.arrayContaining(['./pages-1.img', './pre-1/pages-1.img']));
});

test('of a run that fails again and again those of four migrations are kept', async () => {
  for (const number of [1, 2, 3, 4]) {
    expect(await keepImages(failedMigration(number))).toMatchObject([{ why: null }]);
  }
  expect(await keepImages(failedMigration(5))).toMatchObject([
    { file: null, why: 'those of 4 migrations that failed are kept already' },
  ]);
});

test('an archive that did not become whole is not there, and why is told', async () => {
  const migration = failedMigration(1, { tar: 'echo half; echo "disk: gone" >&2; exit 2' });
  expect(await keepImages(migration)).toMatchObject([{ file: null, why: 'tar ended with 2: disk: gone' }]);
  expect(readdirSync(migration.filesDirectory)).toEqual([]);
  rmSync(join(place, 'bundle/checkpoint'), { recursive: true });
  expect(await keepImages(migration)).toMatchObject([{ file: null, why: 'there were no images' }]);
});
