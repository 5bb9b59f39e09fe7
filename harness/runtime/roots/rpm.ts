/**
 * RPM roots, as in the classic procedure: `rpm --initdb`, then `dnf --installroot --releasever install PACKAGES`.
 *
 * The database must lie where the rpm *in the root* looks for it. Debian's rpm keeps its own below the caller's
 * home, in the root too, and dnf has no option for it: a `.rpmmacros` in a home of the build's own says it to both.
 */
import { access, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EnvironmentError } from '../../errors.ts';
import { mustRun, run } from '../../host/local.ts';
import { removeTree } from '../../host/remove-tree.ts';
import type { RootRecipe } from '../../model.ts';
import { BUILD_LIMIT_MS, CONFINED, installError } from './install.ts';

export type RpmRecipe = Extract<RootRecipe, { kind: 'rpm' }>;

/** Where RPM distributions keep the database: the older place first. */
const SYSTEM_DATABASES = ['/var/lib/rpm', '/usr/lib/sysimage/rpm'] as const;

const KEYS = '/etc/pki/rpm-gpg';

/** Fills `directory` and leaves nothing beside it. */
export async function installRpm(directory: string, recipe: RpmRecipe, signal: AbortSignal): Promise<void> {
  const limits = { timeoutMs: BUILD_LIMIT_MS, signal };
  const database = databaseOf(await asked(['rpm', '--eval', '%_dbpath'], signal));
  // Beside the root, so that it goes with the rest where the build does not end.
  const home = join(dirname(directory), 'home');
  await mkdir(home);
  await writeFile(join(home, '.rpmmacros'), `%_dbpath ${database}\n`);
  await mustRun(initArgv(directory, database), limits);
  const result = await run(installArgv(directory, recipe, await trustedKeys()), {
    ...limits,
    env: { HOME: home },
  });
  signal.throwIfAborted();
  if (result.status !== 0) {
    const next =
      'check that its repositories can be reached, in `bundle.root.rpm.repositories` or dnf repolist';
    throw installError({ what: `releasever ${recipe.releasever}`, packages: recipe.packages, next }, result);
  }
  await carryOver(directory, database, join(home, 'headers'), signal);
  await removeTree(join(directory, 'var/cache/dnf'));
  await removeTree(home);
}

/** The host's own place of the database where that is a distribution's, else the older of the two. */
export function databaseOf(own: string): string {
  return SYSTEM_DATABASES.find((path) => path === own.trim()) ?? SYSTEM_DATABASES[0];
}

/** An empty database, as the classic procedure begins with. */
export function initArgv(directory: string, database: string): string[] {
  return ['rpm', '--root', directory, '--dbpath', database, '--initdb'];
}

/** `keys` are files with public keys that packages from elsewhere may be signed with. */
export function installArgv(directory: string, recipe: RpmRecipe, keys: readonly string[]): string[] {
  return [
    ...CONFINED,
    'dnf',
    '--assumeyes',
    `--installroot=${directory}`,
    `--releasever=${recipe.releasever}`,
    '--setopt=install_weak_deps=False',
    '--setopt=tsflags=nodocs',
    ...recipe.repositories.flatMap((url, i) => repository(`thaw${i}`, url, keys)),
    'install',
    ...recipe.packages,
  ];
}

function repository(id: string, url: string, keys: readonly string[]): string[] {
  const local = url.startsWith('file:');
  const gpgkey = keys.map((path) => pathToFileURL(path).href).join(',');
  return [
    `--repofrompath=${id},${url}`,
    `--repo=${id}`,
    // Else dnf goes on without it and says that there is no such package.
    `--setopt=${id}.skip_if_unavailable=False`,
    // Files of this machine are its own; what comes from elsewhere is checked as this machine checks it.
    ...(local ? [`--setopt=${id}.gpgcheck=False`] : []),
    ...(local || gpgkey === '' ? [] : [`--setopt=${id}.gpgkey=${gpgkey}`]),
  ];
}

/** The keys of its distribution that an RPM host trusts; none elsewhere. */
async function trustedKeys(): Promise<string[]> {
  const names = await readdir(KEYS).catch(() => []);
  return names.sort().map((name) => join(KEYS, name));
}

// Headers are what every rpm can read; a database's own files depend on its version.
const CARRY_OVER = `set -eu
rpmdb --root "$1" --dbpath "$2" --exportdb >"$3"
rm -rf --one-file-system -- "$1$2"
chroot "$1" rpmdb --initdb
chroot "$1" rpmdb --importdb <"$3"`;

/** Gives the root's own rpm, where it has one, a database that it finds and can read: its place, its format. */
async function carryOver(
  directory: string,
  database: string,
  headers: string,
  signal: AbortSignal,
): Promise<void> {
  if (
    !(await access(join(directory, 'usr/bin/rpm')).then(
      () => true,
      () => false,
    ))
  )
    return;
  const ours = sorted(await asked(['rpm', '--root', directory, '--dbpath', database, '-qa'], signal));
  const theirs = ['chroot', directory, 'rpm', '-qa'];
  if (sorted(await asked(theirs, signal)) === ours) return;
  const argv = [...CONFINED, '/bin/sh', '-c', CARRY_OVER, 'sh', directory, database, headers];
  await mustRun(argv, { timeoutMs: BUILD_LIMIT_MS, signal });
  if (sorted(await asked(theirs, signal)) === ours) return;
  throw new EnvironmentError(
    'the rpm in the root file system does not find the packages that were installed',
    'leave `rpm` out of the packages of `bundle.root.rpm`',
  );
}

/** What a command prints, whatever its status. */
async function asked(argv: readonly string[], signal: AbortSignal): Promise<string> {
  return (await run(argv, { timeoutMs: 60_000, signal })).stdout;
}

function sorted(lines: string): string {
  return lines.trim().split('\n').sort().join('\n');
}
