/** What the package managers have in common: where they run, for how long, and what is told of their failures. */
import { EnvironmentError, UsageError } from '../../errors.ts';
import type { LocalResult } from '../../host/local.ts';

export const BUILD_LIMIT_MS = 15 * 60_000;

// The build dies with its parent, and its mounts live in a mount namespace of their own: nothing stays behind.
export const CONFINED = [
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

export interface Installed {
  /** What was installed from, for people: `debian bookworm`. */
  what: string;
  packages: readonly string[];
  /** What to try where nothing better is known. */
  next: string;
}

/** What the package manager said, told apart: a package nobody has is the user's, the rest the machine's. */
export function installError({ what, packages, next }: Installed, result: LocalResult): Error {
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
  const program = /^unshare: failed to execute (\S+): No such file/m.exec(text)?.[1];
  if (program !== undefined) {
    return new EnvironmentError(
      `${program} is not installed on this machine, and the root file system of ${what} needs it`,
      'install it with the package manager of this machine, or use another kind of `bundle.root`',
    );
  }
  if (/You have enabled checking of packages via GPG keys/.test(text)) {
    return new EnvironmentError(
      `the packages of ${what} come from elsewhere, and this machine has no keys to check them with`,
      'put the public keys of that distribution into /etc/pki/rpm-gpg, or use a repository of file:// URL',
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
    next,
  );
}
