/** The image directory of a migration on the share, and what is kept of it in the run directory. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestbedHost } from '../testbed/testbed.ts';
import type { Container, Migration } from './migrate.ts';

const LIMIT = { timeoutMs: 30_000 };
const KEPT = ['dump.log', 'restore.log', 'stats-dump', 'stats-restore', 'inventory.img'];
const KEPT_BYTES = 64 * 1024 * 1024;

/**
 * Makes an empty image directory and tells its path; null for runc's default, `checkpoint` in the bundle
 * directory. Mode 0755: a restore inside a user namespace must be able to read it.
 */
export async function prepareImages(migration: Migration): Promise<string | null> {
  const { source } = migration;
  const directory = imageDirectory(migration);
  // Never across a mount, and only below directories that Thaw made.
  const script = 'rm -rf --one-file-system -- "$1" && mkdir -p -- "$1" && chmod 755 -- "$1"';
  await source.host.exec(['/bin/sh', '-c', script, 'sh', directory], LIMIT);
  await writeCriuConf(migration);
  return imageArgument(migration);
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

/** Copies logs and stats into the run directory, counts the images, and removes them from the share. */
export async function collectFiles(
  migration: Migration,
): Promise<{ imageBytes: number | null; pageImageBytes: number | null }> {
  const { source, destination, filesDirectory } = migration;
  const directory = imageDirectory(migration);
  mkdirSync(filesDirectory, { recursive: true });
  const alive = await anyAlive([destination, source]);
  if (alive === null) return { imageBytes: null, pageImageBytes: null };
  for (const name of KEPT) {
    const content = await alive.host.get(`${directory}/${name}`, KEPT_BYTES);
    if (content !== null) writeFileSync(join(filesDirectory, name), content);
  }
  const { stdout } = await alive.host.exec(['find', directory, '-name', '*.img', '-printf', '%f %s\\n'], {
    ...LIMIT,
    allowFailure: true,
  });
  const sizes = stdout
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(' '));
  const total = (rows: string[][]): number => rows.reduce((sum, [, size]) => sum + Number(size), 0);
  await alive.host.exec(['rm', '-rf', '--one-file-system', '--', directory], {
    ...LIMIT,
    allowFailure: true,
  });
  if (sizes.length === 0) return { imageBytes: null, pageImageBytes: null };
  return {
    imageBytes: total(sizes),
    pageImageBytes: total(sizes.filter(([name]) => name?.startsWith('pages-'))),
  };
}

/** Path on the hosts of the criu.conf that the container's annotation names. */
export const CRIU_CONF = '/run/thaw-criu.conf';

async function writeCriuConf({ source, destination, connections, scenario }: Migration): Promise<void> {
  const { criuConf } = scenario.migration.extra;
  const text = (lines: readonly string[]): string => [...connections.criuConf, ...lines, ''].join('\n');
  await source.host.put(CRIU_CONF, text(criuConf.source), 0o644);
  await destination.host.put(CRIU_CONF, text(criuConf.destination), 0o644);
}

function imageDirectory({ scenario, container, number }: Migration): string {
  return scenario.migration.imageDirectory === 'default'
    ? `${container.bundle}/checkpoint`
    : `/runc/images/${container.id}/${String(number).padStart(4, '0')}`;
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
