/** The images of a migration that failed, where that is asked for: into the run directory, before they are removed. */
import { createWriteStream, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '../errors.ts';
import { lastWords } from '../host/host.ts';
import type { CaptureObservation } from '../model.ts';
import type { TestbedHost } from '../testbed/testbed.ts';
import { answeringPlaces, imageDirectory } from './images.ts';
import type { Migration } from './migrate.ts';
import { ignoreDeadHost } from './rollback.ts';

/** A run that fails again and again fails in the same way: of more migrations than this they are not kept. */
const MIGRATIONS = 4;
/** Compressed, of each place of each migration. */
const LARGEST_MIB = 256;
const LIMIT_MS = 120_000;

/** One archive of each place that has an image directory; where there is none, why. The file is for its owner only. */
export async function keepImages(migration: Migration): Promise<CaptureObservation[]> {
  const { source, clock, filesDirectory } = migration;
  const begunMs = clock.now();
  const none = (why: string): CaptureObservation[] => [toldOf(migration, source, begunMs, { why })];
  if (migrationsWithImages(dirname(filesDirectory), basename(filesDirectory)) >= MIGRATIONS) {
    return none(`those of ${MIGRATIONS} migrations that failed are kept already`);
  }
  const places = await answeringPlaces(migration);
  if (places.length === 0) return none('no host answered');
  return Promise.all(
    places.map(async (one) => toldOf(migration, one, begunMs, await archive(migration, one))),
  );
}

const NAME = /^images-.*\.tar\.gz$/;

function migrationsWithImages(all: string, own: string): number {
  const has = (name: string): boolean => readdirSync(join(all, name)).some((file) => NAME.test(file));
  return readdirSync(all, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && entry.name !== own && has(entry.name),
  ).length;
}

function toldOf(
  { clock }: Migration,
  { host }: TestbedHost,
  begunMs: number,
  what: Partial<CaptureObservation>,
): CaptureObservation {
  return {
    ...{ kind: 'images', host: host.name, begunMs, endedMs: clock.now() },
    ...{ file: null, bytes: 0, packets: null, firstMs: null, lastMs: null, why: null },
    ...what,
  };
}

async function archive(migration: Migration, { host }: TestbedHost): Promise<Partial<CaptureObservation>> {
  const directory = imageDirectory(migration);
  const find = ['find', directory, '-name', '*.img', '-type', 'f', '-print', '-quit'];
  const found = await host.exec(find, { timeoutMs: 30_000, allowFailure: true }).catch(ignoreDeadHost);
  if (!found) return { why: 'the host did not answer' };
  if (found.stdout === '') return { why: 'there were no images' };
  const name = `images-${host.name}.tar.gz`;
  const file = join(migration.filesDirectory, name);
  const child = host.spawn(['tar', '-C', directory, '--one-file-system', '-cz', '.'], {});
  child.stdin.end();
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk).slice(-2_000);
  });
  const late = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  try {
    const counted = atMost(LARGEST_MIB * 1_048_576);
    await pipeline(child.stdout, counted.pass, createWriteStream(file, { flags: 'wx', mode: 0o600 }));
    const status = await child.exited;
    if (status !== 0) throw new Error(`tar ended with ${status}: ${lastWords(said)}`);
    return { file: `${migration.files}/${name}`, bytes: counted.bytes() };
  } catch (error) {
    child.kill('SIGKILL');
    rmSync(file, { force: true });
    return { why: messageOf(error) };
  } finally {
    clearTimeout(late);
  }
}

function atMost(limit: number) {
  let bytes = 0;
  return {
    bytes: () => bytes,
    async *pass(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        if (bytes > limit) throw new Error(`they are larger than ${limit / 1_048_576} MiB, compressed`);
        yield chunk;
      }
    },
  };
}
