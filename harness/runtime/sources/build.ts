/** Binaries built from a git revision, in a clean root. Each commit is built once; its log is kept, of failures too. */
import { createHash, randomBytes } from 'node:crypto';
import {
  chmod,
  copyFile,
  mkdir,
  readFile,
  realpath,
  rename,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { EnvironmentError, ThawError } from '../../errors.ts';
import { mustRun } from '../../host/local.ts';
import { removeTree } from '../../host/remove-tree.ts';
import { librariesIn, type Tool } from '../parts.ts';
import { type RootRequest, rootFor } from '../roots/build.ts';
import { BUILD_LIMIT_MS } from '../roots/install.ts';
import { lock } from '../roots/lock.ts';
import type { RootContext } from '../toolchain.ts';
import { fileSha256 } from './checksum.ts';
import { BUILDER, confined } from './confine.ts';
import { type Commit, checkOut, commitOf, describe } from './git.ts';
import { RECIPES, RECIPES_VERSION } from './recipes.ts';

export interface Revision {
  part: Tool;
  /** A directory of this machine, or a URL that git fetches. */
  repository: string;
  /** A commit, or any name that git knows for one. */
  commit: string;
}

export interface Built {
  /** The binary. To run it elsewhere, name the toolchain `git:REPOSITORY@COMMIT`: that takes its libraries with it. */
  file: string;
  /** The whole commit. */
  commit: string;
  /** All that the build printed. */
  log: string;
  /** Shared libraries that it was linked with: where each lies now, and where in its own root. */
  libraries: { from: string; at: string }[];
}

/** The revision itself does not build: a result for a bisection. Whatever else is in the way is another error. */
export class BuildError extends ThawError {
  readonly part: Tool;
  readonly repository: string;
  readonly commit: string;
  readonly log: string;

  constructor({ part, repository, commit }: Revision, { how, last, log }: FailedBuild) {
    super(
      `${part} of ${repository} at ${commit.slice(0, 12)} does not build: ${how}\n  ${last.join('\n  ')}`,
      {
        exitCode: 2,
        next: `the whole log: ${log}`,
      },
    );
    this.part = part;
    this.repository = repository;
    this.commit = commit;
    this.log = log;
  }
}

interface FailedBuild {
  how: string;
  last: string[];
  log: string;
}

/** What lies beside a binary in the cache. */
export interface BuildManifest {
  part: Tool;
  repository: string;
  commit: string;
  /** As `git describe` named it when it was built. */
  described: string;
  /** Debian suite of the clean root. */
  suite: string;
  sha256: string;
  libraries: string[];
}

/** The binary of a revision: from the cache, or built. BuildError where it does not build. */
export async function buildRevision(revision: Revision, context: RootContext): Promise<Built> {
  const { part, repository } = revision;
  const found = await commitOf(repository, revision.commit, context);
  const { commit } = found;
  const recipe = RECIPES[part];
  const key = createHash('sha256')
    .update(JSON.stringify([RECIPES_VERSION, part, recipe]))
    .digest('hex');
  const directory = join(context.cache, 'builds', `${part}-${commit.slice(0, 12)}-${key.slice(0, 8)}`);
  await mkdir(join(context.cache, 'builds'), { recursive: true });
  const label = `${part} at ${commit.slice(0, 12)}`;
  const release = await lock(directory, label, context.announce);
  try {
    return (
      (await cachedBuild(directory)) ?? (await built(directory, { ...revision, commit }, found, context))
    );
  } finally {
    await release();
  }
}

/** The build that lies there, where it is whole. */
async function cachedBuild(directory: string): Promise<Built | null> {
  try {
    const text = await readFile(join(directory, 'manifest.json'), 'utf8');
    const manifest = JSON.parse(text) as BuildManifest;
    const { part, commit, sha256, libraries } = manifest;
    const file = join(directory, part);
    if ((await fileSha256(file)) !== sha256) return null;
    const now = new Date();
    // When it was used last.
    await utimes(join(directory, 'manifest.json'), now, now);
    return {
      file,
      commit,
      log: logOf(directory),
      libraries: libraries.map((at) => ({ from: join(directory, 'root', at), at })),
    };
  } catch {
    return null;
  }
}

async function built(
  directory: string,
  revision: Revision,
  found: Commit,
  context: RootContext,
): Promise<Built> {
  const { part, repository } = revision;
  const { announce, cache, signal } = context;
  const recipe = RECIPES[part];
  const { root } = await rootFor(cache, rootOf(part), announce, signal);
  const described = await describe(found);
  const partial = `${directory}.partial-${randomBytes(4).toString('hex')}`;
  const sources = join(partial, 'sources');
  const work = join(partial, 'work');
  const log = logOf(directory);
  try {
    await mkdir(sources, { recursive: true });
    await mkdir(work);
    await checkOut(found, sources, context);
    const owner = `${BUILDER}:${BUILDER}`;
    await mustRun(['chown', '--recursive', '--no-dereference', owner, sources], {
      timeoutMs: 60_000,
      signal,
    });
    announce(
      `building ${part} ${described} of ${repository} (about ${recipe.about}; once, then from ${cache}; log: ${log})`,
    );
    await writeFile(
      log,
      `${part} ${revision.commit} (${described}) of ${repository}, Debian ${recipe.suite}\n`,
    );
    const script = `${recipe.script}\nldd ${recipe.product} >${LIBRARIES} || true`;
    const args = [String(availableParallelism()), revision.commit];
    const { status } = await confined({ root, sources, work, log, script, args, signal });
    signal.throwIfAborted();
    if (status !== 0) throw await failure(revision, status, log);
    await keep(partial, { revision, described, root, sources, log });
    await removeTree(sources);
    await removeTree(work);
    await removeTree(directory);
    await rename(partial, directory);
  } catch (error) {
    await removeTree(partial);
    throw error;
  }
  const whole = await cachedBuild(directory);
  if (whole === null) throw new EnvironmentError(`the build at ${directory} was changed while it was made`);
  return whole;
}

function rootOf(part: Tool): RootRequest {
  const { suite, packages } = RECIPES[part];
  const recipe = { kind: 'debian' as const, suite, packages: [...packages], files: [] };
  return { recipe, directories: ['/build'], label: `build root of ${part}` };
}

/** Written by the build, below the sources. */
const LIBRARIES = '.thaw-libraries';

interface Finished {
  revision: Revision;
  described: string;
  root: string;
  sources: string;
  log: string;
}

/** The binary and the libraries that its loader found, with the manifest. */
async function keep(partial: string, { revision, described, root, sources, log }: Finished): Promise<void> {
  const { part, repository, commit } = revision;
  const { product, suite } = RECIPES[part];
  const binary = await inside(sources, product);
  if (binary === null) throw await failure(revision, 0, log);
  const file = join(partial, part);
  await copyFile(binary, file);
  await chmod(file, 0o755);
  const found = await readFile((await inside(sources, LIBRARIES)) ?? '/dev/null', 'utf8');
  const libraries: string[] = [];
  for (const at of librariesIn(found)) {
    const from = await inside(root, at);
    if (from === null) continue;
    const to = join(partial, 'root', at);
    await mkdir(dirname(to), { recursive: true });
    await copyFile(from, to);
    libraries.push(at);
  }
  const sha256 = await fileSha256(file);
  const manifest: BuildManifest = { part, repository, commit, described, suite, sha256, libraries };
  await writeFile(join(partial, 'manifest.json'), JSON.stringify(manifest, null, 2));
}

/** A regular file below a directory; null where it is none, or where links lead out of it. */
async function inside(directory: string, path: string): Promise<string | null> {
  const top = await realpath(directory);
  const real = await realpath(join(directory, path)).catch(() => null);
  if (real === null || !real.startsWith(`${top}/`)) return null;
  return (await stat(real)).isFile() ? real : null;
}

/** What the build said last, and before it the compiler's first error. */
async function failure(revision: Revision, status: number | null, log: string): Promise<ThawError> {
  const lines = (await readFile(log, 'utf8')).trim().split('\n');
  if (lines.some((line) => line.includes('No space left on device'))) {
    return new EnvironmentError(
      `no space left while building ${revision.part}`,
      `make room in the cache folder, or set XDG_CACHE_HOME to another file system; the whole log: ${log}`,
    );
  }
  const last = lines.slice(-LAST_LINES);
  const first = lines.findIndex((line) => /\berror:|undefined reference/i.test(line));
  if (first !== -1 && first < lines.length - LAST_LINES) last.unshift(lines[first] as string);
  const minutes = BUILD_LIMIT_MS / 60_000;
  const how =
    status === null
      ? `no end within ${minutes} minutes`
      : status === 0
        ? `it made no ${RECIPES[revision.part].product}`
        : `exit ${status}`;
  return new BuildError(revision, { how, last: last.map((line) => line.slice(0, 300)), log });
}

const LAST_LINES = 8;

function logOf(directory: string): string {
  return `${directory}.log`;
}
