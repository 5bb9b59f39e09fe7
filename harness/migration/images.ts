/** The image directory of a migration on the share, and what is kept of it in the run directory. */
import { join, posix } from 'node:path';
import { ThawError } from '../errors.ts';
import { CommandError, type Host } from '../host/host.ts';
import { decodeInventory } from '../runtime/criu/inventory.ts';
import { decodeDumpStats, decodeRestoreStats } from '../runtime/criu/stats.ts';
import type { TestbedHost } from '../testbed/testbed.ts';
import { keepFile, keepFolder } from './keep-file.ts';
import type { Container, Migration } from './migrate.ts';

const LIMIT = { timeoutMs: 30_000 };
const KEPT = [
  'dump.log',
  'restore.log',
  'lazy-pages.log',
  'page-server.log',
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
  const directory = imageDirectory(migration);
  const all = [directory, ...preDumpDirectories(migration).map((part) => `${directory}/${part}`)];
  // Never across a mount, and only below directories that Thaw made.
  const script = 'rm -rf --one-file-system -- "$1" && mkdir -p -- "$@" && chmod 755 -- "$@"';
  const argv = ['/bin/sh', '-c', script, 'sh', ...all];
  await Promise.all(placesOf(migration).map(({ host }) => host.exec(argv, LIMIT)));
  // An NFS client remembers for half a minute that there was none (nfs(5): acdirmin), unless it makes it itself.
  await migration.destination.host.exec(['mkdir', '-p', '--', ...all], LIMIT);
  await writeCriuConf(migration);
  return imageArgument(migration);
}

/**
 * An empty directory of the source's own, in memory, for what the CRIU of a roll back writes: a share without room has
 * room for no log and none of CRIU's working files, and must not be in the way.
 */
export async function prepareRollBack(migration: Migration): Promise<string> {
  const directory = `${ownImages(migration)}-rollback`;
  const script = 'rm -rf --one-file-system -- "$1" && mkdir -p -- "$1" && chmod 755 -- "$1"';
  await migration.source.host.exec(['/bin/sh', '-c', script, 'sh', directory], LIMIT);
  return directory;
}

/** `restore.log` is that of the migration's own restore; what a roll back wrote becomes `rollback.log`. */
export async function collectRollBack(
  { source, filesDirectory }: Migration,
  directory: string,
): Promise<void> {
  const log = await source.host.get(posix.join(directory, 'restore.log'), KEPT_BYTES);
  if (log !== null) keepFile(filesDirectory, 'rollback.log', log);
  await source.host.exec(['rm', '-rf', '--one-file-system', '--', directory], {
    ...LIMIT,
    allowFailure: true,
  });
}

/** What runc is told of the image directory; null for its default. */
export function imageArgument(migration: Migration): string | null {
  const { imageDirectory: where, transfer } = migration.scenario.migration;
  return where === 'default' && transfer === 'share' ? null : imageDirectory(migration);
}

/** The hosts on which an image directory is one of its own: one where it is on the share. */
function placesOf({ source, destination, scenario }: Migration): TestbedHost[] {
  return scenario.migration.transfer === 'share' ? [source] : [source, destination];
}

/**
 * Those of them that answer. On the share one is enough; else the source has the dump, and the destination what the restore
 * wrote.
 */
export async function answeringPlaces({ source, destination, scenario }: Migration): Promise<TestbedHost[]> {
  const onShare = scenario.migration.transfer === 'share';
  const answering = await alive(onShare ? [destination, source] : [source, destination]);
  return onShare ? answering.slice(0, 1) : answering;
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

const NOTHING: Collected = { imageBytes: null, pageImageBytes: null, preDumpBytes: [], full: null };

/**
 * Copies logs and stats into the run directory, counts the images, and removes them from the share. Of a share that does
 * not answer nothing is known: that is no reason to lose what the migration was.
 */
export async function collectFiles(migration: Migration): Promise<Collected> {
  keepFolder(migration.filesDirectory);
  const places = await answeringPlaces(migration);
  if (places.length === 0) return NOTHING;
  try {
    return await collectFrom(places, migration);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return NOTHING;
  }
}

async function collectFrom(places: readonly TestbedHost[], migration: Migration): Promise<Collected> {
  const { filesDirectory } = migration;
  const directory = imageDirectory(migration);
  const parts = preDumpDirectories(migration);
  const files = await Promise.all(places.map(({ host }) => filesIn(host, directory)));
  for (const part of ['', ...parts]) {
    const kept = join(filesDirectory, part);
    for (const [i, { host }] of places.entries()) {
      const names = KEPT.filter((name) =>
        files[i]?.some((file) => file.directory === part && file.name === name),
      );
      await keep(host, posix.join(directory, part), names, kept);
    }
  }
  const sizes = onceEach(files).filter(({ name }) => name.endsWith('.img'));
  const rooms = await Promise.all(places.map(({ host }) => hasRoom(host, directory)));
  const full = rooms.every(Boolean) ? null : directory;
  const remove = ['rm', '-rf', '--one-file-system', '--', imagesToRemove(migration)];
  await Promise.all(places.map(({ host }) => host.exec(remove, { ...LIMIT, allowFailure: true })));
  const pagesIn = (part: string): number | null =>
    total(sizes.filter((image) => image.directory === part && image.name.startsWith('pages-')));
  return {
    imageBytes: total(sizes),
    pageImageBytes: sizes.length === 0 ? null : (pagesIn('') ?? 0),
    preDumpBytes: parts.map(pagesIn),
    full,
  };
}

/** `names` are there: to ask for those that are not costs a slow host as much. */
async function keep(host: Host, directory: string, names: readonly string[], kept: string): Promise<void> {
  for (const name of names) {
    const content = await host.get(posix.join(directory, name), KEPT_BYTES);
    if (content === null) continue;
    keepFile(kept, isWhole(name, content) ? name : `${name}.damaged`, content);
  }
}

/** A CRIU that was killed, or had no room, leaves files that end where it did: nothing can be read of those. */
function isWhole(name: string, content: Buffer): boolean {
  try {
    if (name === 'stats-dump') decodeDumpStats(content, name);
    if (name === 'stats-restore') decodeRestoreStats(content, name);
    if (name === 'inventory.img') decodeInventory(content, name);
    return true;
  } catch (error) {
    if (!(error instanceof ThawError)) throw error;
    return false;
  }
}

async function hasRoom(host: Host, directory: string): Promise<boolean> {
  const argv = ['stat', '--file-system', '--format=%a', '--', directory];
  const { stdout } = await host.exec(argv, { ...LIMIT, allowFailure: true });
  return stdout.trim() !== '0';
}

interface ImageFile {
  /** Relative to the image directory; empty for the dump itself. */
  directory: string;
  name: string;
  bytes: number;
}

/** Images, logs and statistics. */
async function filesIn(host: Host, directory: string): Promise<ImageFile[]> {
  const argv = ['find', directory, '-type', 'f', '-printf', '%P %s\\n'];
  const { stdout } = await host.exec(argv, { ...LIMIT, allowFailure: true });
  const lines = stdout.trim().split('\n').filter(Boolean);
  return lines.map((line) => {
    const [path = '', bytes] = line.split(' ');
    const [name = '', ...above] = path.split('/').reverse();
    return { directory: above.reverse().join('/'), name, bytes: Number(bytes) };
  });
}

/** What was copied is there twice, and what the page server wrote at the destination alone. */
function onceEach(places: readonly ImageFile[][]): ImageFile[] {
  return [...new Map(places.flat().map((image) => [`${image.directory}/${image.name}`, image])).values()];
}

function total(images: readonly ImageFile[]): number | null {
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

/** A link to the directory of the last pre-dump, where it is not known beforehand which that will be. */
export const LAST_PRE_DUMP = 'pre-last';

export async function nameLastPreDump(migration: Migration, number: number): Promise<void> {
  const argv = [
    'ln',
    '-sfn',
    '--',
    preDumpDirectory(number),
    `${imageDirectory(migration)}/${LAST_PRE_DUMP}`,
  ];
  await migration.source.host.exec(argv, LIMIT);
}

/** Of a pre-dump that was just made; null where it is not known. */
export async function bytesOfPages(migration: Migration, number: number): Promise<number | null> {
  const directory = `${imageDirectory(migration)}/${preDumpDirectory(number)}`;
  const files = await filesIn(migration.source.host, directory);
  return total(files.filter(({ name }) => name.startsWith('pages-')));
}

/** In memory, and a host's own. */
const OWN_IMAGES = '/run/thaw-images';

/** Path on the hosts of the criu.conf that the container's annotation names. */
export const CRIU_CONF = '/run/thaw-criu.conf';

async function writeCriuConf({ source, destination, connections, scenario }: Migration): Promise<void> {
  const { criuConf } = scenario.migration.extra;
  const text = (lines: readonly string[]): string => [...connections.criuConf, ...lines, ''].join('\n');
  await source.host.put(CRIU_CONF, text(criuConf.source), 0o644);
  await destination.host.put(CRIU_CONF, text(criuConf.destination), 0o644);
}

/** Whatever the runtime is told of it: on the share, or on a host's own file system. */
export function imageDirectory({
  scenario,
  container,
  number,
}: Pick<Migration, 'scenario' | 'container' | 'number'>): string {
  const { imageDirectory: where, transfer } = scenario.migration;
  if (transfer !== 'share') return ownImages({ container, number });
  return where === 'default'
    ? `${container.bundle}/checkpoint`
    : `/runc/images/${below({ container, number })}`;
}

function ownImages(migration: Pick<Migration, 'container' | 'number'>): string {
  return `${OWN_IMAGES}/${below(migration)}`;
}

function below({ container, number }: Pick<Migration, 'container' | 'number'>): string {
  return `${container.id}/${String(number).padStart(4, '0')}`;
}

/** Images that nothing needs once this migration is over. */
function imagesToRemove(migration: Migration): string {
  const kept = migration.scenario.migration.sabotage === 'older-image' ? 1 : 0;
  return imageDirectory({ ...migration, number: migration.number - kept });
}

/** Those that answer. */
async function alive(hosts: readonly TestbedHost[]): Promise<TestbedHost[]> {
  const answers = await Promise.all(
    hosts.map(({ host }) =>
      host.exec(['true'], { timeoutMs: 5_000, allowFailure: true }).catch(() => ({ status: -1 })),
    ),
  );
  return hosts.filter((_, i) => answers[i]?.status === 0);
}
