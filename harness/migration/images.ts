/** The image directory of a migration on the share, and what is kept of it in the run directory. */
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { Host } from '../host/host.ts';
import type { TestbedHost } from '../testbed/testbed.ts';
import type { Container, Migration } from './migrate.ts';

const LIMIT = { timeoutMs: 30_000 };
const KEPT = [
  'dump.log',
  'restore.log',
  'restore-failed.log',
  'lazy-pages.log',
  'stats-dump',
  'stats-restore',
  'inventory.img',
];
const KEPT_BYTES = 64 * 1024 * 1024;

/**
 * Makes an empty image directory and tells its path; null for runc's default, `checkpoint` in the bundle
 * directory. Mode 0755: a restore inside a user namespace must be able to read it.
 */
export async function prepareImages(migration: Migration): Promise<string | null> {
  const { source } = migration;
  const directory = imageDirectory(migration);
  const all = [directory, ...preDumpDirectories(migration).map((part) => `${directory}/${part}`)];
  // Never across a mount, and only below directories that Thaw made.
  const script = 'rm -rf --one-file-system -- "$1" && mkdir -p -- "$@" && chmod 755 -- "$@"';
  await source.host.exec(['/bin/sh', '-c', script, 'sh', ...all], LIMIT);
  await writeCriuConf(migration);
  return imageArgument(migration);
}

/** A roll back would write its log over that of the restore that failed. */
export async function setRestoreLogAside(migration: Migration): Promise<void> {
  const directory = imageDirectory(migration);
  const argv = ['mv', '-f', '--', `${directory}/restore.log`, `${directory}/restore-failed.log`];
  await migration.source.host.exec(argv, { ...LIMIT, allowFailure: true });
}

/** What runc is told of the image directory; null for its default. */
export function imageArgument(migration: Migration): string | null {
  return migration.scenario.migration.imageDirectory === 'default' ? null : imageDirectory(migration);
}

/** Where CRIU writes a log. */
export function logPath(
  container: Container,
  images: string | null,
  name: 'dump.log' | 'restore.log',
): string {
  return `${images ?? `${container.bundle}/checkpoint`}/${name}`;
}

/** Bytes of images, counted by those of memory pages too; null where there were none. */
export interface Collected {
  imageBytes: number | null;
  /** Of the dump itself. */
  pageImageBytes: number | null;
  /** Of the pages of each pre-dump. */
  preDumpBytes: (number | null)[];
  /** The directory on whose file system no block was left; null where there was room. */
  full: string | null;
}

/** Copies logs and stats into the run directory, counts the images, and removes them from the share. */
export async function collectFiles(migration: Migration): Promise<Collected> {
  const { source, destination, filesDirectory } = migration;
  const directory = imageDirectory(migration);
  const parts = preDumpDirectories(migration);
  mkdirSync(filesDirectory, { recursive: true });
  const alive = await anyAlive([destination, source]);
  if (alive === null) return { imageBytes: null, pageImageBytes: null, preDumpBytes: [], full: null };
  for (const part of ['.', ...parts]) {
    const kept = join(filesDirectory, part);
    for (const name of KEPT) {
      const content = await alive.host.get(posix.join(directory, part, name), KEPT_BYTES);
      if (content === null) continue;
      mkdirSync(kept, { recursive: true });
      writeFileSync(join(kept, name), content);
    }
    nameLogs(kept);
  }
  const sizes = await imageSizes(alive.host, directory);
  const full = (await hasRoom(alive.host, directory)) ? null : directory;
  await alive.host.exec(['rm', '-rf', '--one-file-system', '--', imagesToRemove(migration)], {
    ...LIMIT,
    allowFailure: true,
  });
  const pagesIn = (part: string): number | null =>
    total(sizes.filter((image) => image.directory === part && image.name.startsWith('pages-')));
  return {
    imageBytes: total(sizes),
    pageImageBytes: sizes.length === 0 ? null : (pagesIn('') ?? 0),
    preDumpBytes: parts.map(pagesIn),
    full,
  };
}

async function hasRoom(host: Host, directory: string): Promise<boolean> {
  const argv = ['stat', '--file-system', '--format=%a', '--', directory];
  const { stdout } = await host.exec(argv, { ...LIMIT, allowFailure: true });
  return stdout.trim() !== '0';
}

/** `restore.log` is that of the migration's own restore; what a roll back wrote is `rollback.log`. */
function nameLogs(directory: string): void {
  const at = (name: string): string => join(directory, name);
  if (!existsSync(at('restore-failed.log'))) return;
  if (existsSync(at('restore.log'))) renameSync(at('restore.log'), at('rollback.log'));
  renameSync(at('restore-failed.log'), at('restore.log'));
}

interface Image {
  /** Relative to the image directory; empty for the dump itself. */
  directory: string;
  name: string;
  bytes: number;
}

async function imageSizes(host: Host, directory: string): Promise<Image[]> {
  const argv = ['find', directory, '-name', '*.img', '-type', 'f', '-printf', '%P %s\\n'];
  const { stdout } = await host.exec(argv, { ...LIMIT, allowFailure: true });
  const lines = stdout.trim().split('\n').filter(Boolean);
  return lines.map((line) => {
    const [path = '', bytes] = line.split(' ');
    const [name = '', ...above] = path.split('/').reverse();
    return { directory: above.reverse().join('/'), name, bytes: Number(bytes) };
  });
}

function total(images: readonly Image[]): number | null {
  return images.length === 0 ? null : images.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Of all pre-dumps that the scenario plans, whether they came about or not. */
function preDumpDirectories({ scenario }: Migration): string[] {
  const { strategy } = scenario.migration;
  const length = 'preDumps' in strategy ? strategy.preDumps : 0;
  return Array.from({ length }, (_, i) => preDumpDirectory(i + 1));
}

/** Where a pre-dump lies, relative to the image directory of its migration. */
export function preDumpDirectory(number: number): string {
  return `pre-${number}`;
}

/** Path on the hosts of the criu.conf that the container's annotation names. */
export const CRIU_CONF = '/run/thaw-criu.conf';

async function writeCriuConf({ source, destination, connections, scenario }: Migration): Promise<void> {
  const { criuConf } = scenario.migration.extra;
  const text = (lines: readonly string[]): string => [...connections.criuConf, ...lines, ''].join('\n');
  await source.host.put(CRIU_CONF, text(criuConf.source), 0o644);
  await destination.host.put(CRIU_CONF, text(criuConf.destination), 0o644);
}

/** On the share, whatever runc is told of it. */
export function imageDirectory({
  scenario,
  container,
  number,
}: Pick<Migration, 'scenario' | 'container' | 'number'>): string {
  return scenario.migration.imageDirectory === 'default'
    ? `${container.bundle}/checkpoint`
    : `/runc/images/${container.id}/${String(number).padStart(4, '0')}`;
}

/** Images that nothing needs once this migration is over. */
function imagesToRemove(migration: Migration): string {
  const kept = migration.scenario.migration.sabotage === 'older-image' ? 1 : 0;
  return imageDirectory({ ...migration, number: migration.number - kept });
}

async function anyAlive(hosts: readonly TestbedHost[]): Promise<TestbedHost | null> {
  for (const candidate of hosts) {
    const { status } = await candidate.host
      .exec(['true'], { timeoutMs: 5_000, allowFailure: true })
      .catch(() => ({ status: -1 }));
    if (status === 0) return candidate;
  }
  return null;
}
