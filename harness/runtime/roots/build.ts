/** Builds root file systems with the distribution's package manager and an install root. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EnvironmentError, UsageError } from '../../errors.ts';
import { type LocalResult, run } from '../../host/local.ts';
import type { RootFile, RootRecipe } from '../../model.ts';
import { type CachedRoot, cachedRoot, type RootBuild } from './cache.ts';
import { debianSource } from './debian-source.ts';

const BUILD_LIMIT_MS = 15 * 60_000;

// The build dies with its parent, and its mounts live in a mount namespace of their own: nothing stays behind.
const CONFINED = [
  'setpriv',
  '--pdeathsig',
  'KILL',
  '--',
  'unshare',
  '--mount',
  '--pid',
  '--fork',
  '--kill-child',
];

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
    recipe: { version: 2, ...recipe, directories: [...directories].sort() },
    about: '30 s',
    async build(directory) {
      switch (recipe.kind) {
        case 'debian':
          await installDebian(directory, recipe, signal);
          break;
        case 'rpm':
          await installRpm(directory, recipe, signal);
          break;
      }
      for (const path of directories) await mkdir(join(directory, path), { recursive: true });
      await writeFiles(directory, recipe.files);
    },
  };
  return cachedRoot(cache, build, announce);
}

type DebianRecipe = Extract<RootRecipe, { kind: 'debian' }>;
type RpmRecipe = Extract<RootRecipe, { kind: 'rpm' }>;

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
  if (result.status !== 0) throw installError(`debian ${recipe.suite}`, recipe.packages, result);
}

/** As in the classic procedure: `dnf --installroot --releasever install PACKAGES`. */
async function installRpm(directory: string, recipe: RpmRecipe, signal: AbortSignal): Promise<void> {
  const argv = [
    ...CONFINED,
    'dnf',
    '--assumeyes',
    `--installroot=${directory}`,
    `--releasever=${recipe.releasever}`,
    '--setopt=install_weak_deps=False',
    '--setopt=tsflags=nodocs',
    ...recipe.repositories.flatMap((url, i) => [`--repofrompath=thaw${i},${url}`, `--repo=thaw${i}`]),
    'install',
    ...recipe.packages,
  ];
  const result = await run(argv, { timeoutMs: BUILD_LIMIT_MS, signal });
  signal.throwIfAborted();
  if (result.status !== 0) throw installError(`releasever ${recipe.releasever}`, recipe.packages, result);
}

async function writeFiles(directory: string, files: readonly RootFile[]): Promise<void> {
  for (const { path, content } of files) {
    const target = join(directory, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
  }
}

/** What the package manager said, told apart: a package nobody has is the user's, the rest the machine's. */
function installError(what: string, packages: readonly string[], result: LocalResult): Error {
  const text = `${result.stdout}\n${result.stderr}`;
  const unknown =
    /Unable to locate package (\S+)/.exec(text) ??
    /Package '?(\S+?)'? has no installation candidate/.exec(text) ??
    /No match for argument: (\S+)/.exec(text);
  if (unknown !== null) {
    return new UsageError(
      `no package ${unknown[1]} in ${what} (asked for: ${packages.join(', ')})`,
      'check its name in `bundle.root`; nothing was kept of this build',
    );
  }
  if (/No space left on device/.test(text)) {
    return new EnvironmentError(
      `no space left while installing ${packages.join(', ')}`,
      'make room in the cache folder, or set XDG_CACHE_HOME to another file system',
    );
  }
  const how =
    result.status === null ? `no end within ${BUILD_LIMIT_MS / 60_000} minutes` : `exit ${result.status}`;
  const said = text
    .split('\n')
    .filter((line) => /^(E|W|Err|Error|error)\b|rror:/.test(line))
    .slice(-6)
    .join('\n  ');
  return new EnvironmentError(
    `the root file system of ${what} could not be built: ${how}\n  ${said || text.trim().split('\n').slice(-4).join('\n  ')}`,
    'check that the package mirror of this machine answers: apt-get update',
  );
}
