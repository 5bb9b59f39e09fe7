/**
 * Cached root file systems. Each lies in a directory named after the hash of its recipe, with a manifest that
 * holds the digest of its content. Builds happen beside and are renamed into place when whole; what does not
 * match its manifest is built anew. So a root that is used is never half-built and never damaged.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError, messageOf } from '../../errors.ts';
import { mustRun } from '../../host/local.ts';
import { ownDirectory } from '../../host/own-directory.ts';
import { removeTree } from '../../host/remove-tree.ts';
import { isLocked, lock } from './lock.ts';

export interface CachedRoot {
  /** Directory of the root file system. */
  root: string;
  /** Identity of its content: sha256 over path, type, mode, size and link target of every file. */
  digest: string;
}

export interface RootBuild {
  /** For people: appears in the directory's name and in progress lines. */
  label: string;
  /** What the content depends on; any change makes another root. */
  recipe: unknown;
  /** Makes the root file system in an empty directory. */
  build(directory: string): Promise<void>;
  /** About how long a build takes, for the line that announces it. */
  about: string;
}

/** The root of that recipe: from the cache where it is whole, else built. `announce` gets one line before. */
export async function cachedRoot(
  cache: string,
  wanted: RootBuild,
  announce: (line: string) => void,
): Promise<CachedRoot> {
  const key = createHash('sha256').update(JSON.stringify(wanted.recipe)).digest('hex').slice(0, 16);
  const directory = join(cache, 'roots', `${wanted.label.replace(/[^a-z0-9.-]+/gi, '-')}-${key}`);
  makeDirectory(cache);
  makeDirectory(join(cache, 'roots'));
  const release = await lock(directory, wanted.label, announce);
  try {
    const present = await verified(directory);
    if (present !== null) return present;
    announce(`building ${wanted.label} (about ${wanted.about}; once, then from ${cache})`);
    return await buildInto(directory, wanted);
  } finally {
    await release();
  }
}

async function buildInto(directory: string, wanted: RootBuild): Promise<CachedRoot> {
  const partial = `${directory}.partial-${randomBytes(4).toString('hex')}`;
  await mkdir(join(partial, 'root'), { recursive: true });
  try {
    await wanted.build(join(partial, 'root'));
    const digest = await contentDigest(join(partial, 'root'));
    await writeFile(
      join(partial, 'manifest.json'),
      JSON.stringify({ digest, recipe: wanted.recipe }, null, 2),
    );
    await removeTree(directory);
    await rename(partial, directory);
    return { root: join(directory, 'root'), digest };
  } catch (error) {
    await removeTree(partial);
    throw error;
  }
}

/** What lies beside a root. */
export interface RootManifest {
  digest: string;
  recipe: unknown;
}

/** The root at `directory` if it matches its manifest; null where it is missing or damaged. */
async function verified(directory: string): Promise<CachedRoot | null> {
  if (!(await isWhole(directory))) return null;
  const { digest } = await readManifest(directory);
  const now = new Date();
  // When it was used last.
  await utimes(join(directory, 'manifest.json'), now, now);
  return { root: join(directory, 'root'), digest };
}

export async function readManifest(directory: string): Promise<RootManifest> {
  return JSON.parse(await readFile(join(directory, 'manifest.json'), 'utf8')) as RootManifest;
}

/** Whether the content is what the manifest says. */
export async function isWhole(directory: string): Promise<boolean> {
  try {
    return (await contentDigest(join(directory, 'root'))) === (await readManifest(directory)).digest;
  } catch {
    return false;
  }
}

/** Half-built roots and binaries that no living build owns: those whose lock is free. Removed by `thaw clean`. */
export async function abandonedBuilds(cache: string): Promise<string[]> {
  const abandoned: string[] = [];
  for (const folder of ['roots', 'builds']) {
    const names = await readdir(join(cache, folder)).catch(() => []);
    for (const name of names.filter((n) => PARTIAL.test(n))) {
      if (!(await isLocked(join(cache, folder, name.replace(PARTIAL, '')))))
        abandoned.push(join(cache, folder, name));
    }
  }
  return abandoned;
}

const PARTIAL = /\.partial-[0-9a-f]{8}$/;

async function contentDigest(root: string): Promise<string> {
  const list = await mustRun(['find', root, '-xdev', '-printf', '%P\\t%y\\t%m\\t%s\\t%l\\0'], {
    timeoutMs: 120_000,
  });
  // The size of a directory depends on the file system and its history, not on what is in it.
  const lines = list.split('\0').map((line) => line.replace(/^([^\t]*\td\t[^\t]*)\t\d+/, '$1'));
  return createHash('sha256').update(lines.sort().join('\0')).digest('hex').slice(0, 16);
}

function makeDirectory(path: string): void {
  try {
    ownDirectory(path);
  } catch (error) {
    if (error instanceof EnvironmentError) throw error;
    throw new EnvironmentError(
      `the cache folder ${path} cannot be made: ${messageOf(error)}`,
      'set XDG_CACHE_HOME to a folder that can be written',
    );
  }
}
