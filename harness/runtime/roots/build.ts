/** Builds root file systems with the distribution's package manager and an install root. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { mustRun, run } from '../../host/local.ts';
import type { RootFile, RootRecipe } from '../../model.ts';
import { type CachedRoot, cachedRoot, type RootBuild } from './cache.ts';
import { debianSource, unknownSuite } from './debian-source.ts';
import { insideOf } from './inside.ts';
import { BUILD_LIMIT_MS, CONFINED, installError } from './install.ts';
import { installRpm } from './rpm.ts';

/** Raised when a recipe of that kind comes to other files than before: cached roots are then not taken. */
const VERSION = { debian: 2, rpm: 3 } as const;

export interface RootRequest {
  recipe: Exclude<RootRecipe, { kind: 'path' }>;
  /** Directories that must be there, such as mount points in a read-only root. */
  directories: readonly string[];
  label: string;
}

/** The root of a recipe, from the cache or built. */
export async function rootFor(
  cache: string,
  request: RootRequest,
  announce: (line: string) => void,
  signal: AbortSignal,
): Promise<CachedRoot> {
  const { recipe, directories } = request;
  const build: RootBuild = {
    label: request.label,
    recipe: { version: VERSION[recipe.kind], ...recipe, directories: [...directories].sort() },
    about: '30 s',
    async build(directory) {
      await packagesInto(directory, cache, request, signal);
      for (const path of directories) await mkdir(await insideOf(directory, path), { recursive: true });
      await writeFiles(directory, recipe.files);
    },
  };
  return cachedRoot(cache, build, announce);
}

/** Those of many roots are the same: they are installed once, and what else a root has goes into a copy. */
async function packagesInto(
  directory: string,
  cache: string,
  { recipe, directories }: RootRequest,
  signal: AbortSignal,
): Promise<void> {
  if (directories.length > 0 || recipe.files.length > 0) {
    const bare = { recipe: { ...recipe, files: [] }, directories: [], label: 'packages' };
    const { root } = await rootFor(cache, bare, () => {}, signal);
    const copy = ['cp', '--archive', '--reflink=auto', '--one-file-system', '--', `${root}/.`, directory];
    await mustRun(copy, { timeoutMs: BUILD_LIMIT_MS, signal });
    return;
  }
  switch (recipe.kind) {
    case 'debian':
      return installDebian(directory, recipe, signal);
    case 'rpm':
      return installRpm(directory, recipe, signal);
  }
}

type DebianRecipe = Extract<RootRecipe, { kind: 'debian' }>;

async function installDebian(directory: string, recipe: DebianRecipe, signal: AbortSignal): Promise<void> {
  const source = await debianSource(recipe.suite);
  const excluded = ['doc', 'man', 'locale', 'info'].map((d) => `--dpkgopt=path-exclude=/usr/share/${d}/*`);
  const argv = [
    ...CONFINED,
    'mmdebstrap',
    '--mode=root',
    '--variant=minbase',
    `--include=${recipe.packages.join(',')}`,
    '--aptopt=Acquire::Languages "none"',
    // The index of a suite in development is often older than its own limit on mirrors and snapshots.
    '--aptopt=Acquire::Check-Valid-Until "false"',
    ...excluded,
    recipe.suite,
    directory,
    source,
  ];
  const result = await run(argv, { timeoutMs: BUILD_LIMIT_MS, signal });
  signal.throwIfAborted();
  if (result.status !== 0) {
    const unknown = unknownSuite(recipe.suite, `${result.stdout}\n${result.stderr}`);
    if (unknown !== null) throw unknown;
    const next = 'check that the package mirror of this machine answers: apt-get update';
    throw installError({ what: `debian ${recipe.suite}`, packages: recipe.packages, next }, result);
  }
}

async function writeFiles(directory: string, files: readonly RootFile[]): Promise<void> {
  for (const { path, content } of files) {
    const target = await insideOf(directory, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
  }
}
