/** The apt source of a Debian suite: always the mirror that this machine itself is configured for. */
import { EnvironmentError, UsageError } from '../../errors.ts';
import { run } from '../../host/local.ts';
import { nearest } from '../../nearest.ts';

const FORMAT = '$(REPO_URI)|$(ORIGIN)|$(LABEL)|$(COMPONENT)';

/** A line for apt's sources, such as `deb MIRROR forky main`. EnvironmentError where apt knows no Debian mirror. */
export async function debianSource(suite: string): Promise<string> {
  const listed = await run(['apt-get', 'indextargets', '--format', FORMAT, 'Created-By: Packages'], {
    timeoutMs: 30_000,
  });
  const mirror = mirrorIn(listed.stdout);
  if (mirror === null) {
    throw new EnvironmentError(
      `no Debian mirror is configured on this machine, so the suite ${suite} cannot be had`,
      'on Debian run `apt-get update` first; elsewhere use `toolchain: host` and an rpm root',
    );
  }
  return `deb ${mirror} ${suite} main`;
}

/** The first mirror of Debian's main archive among apt's index targets; null where there is none. */
export function mirrorIn(targets: string): string | null {
  const rows = targets.split('\n').map((line) => line.split('|'));
  const debian = rows.find(
    ([, origin, label, component]) => origin === 'Debian' && label === 'Debian' && component === 'main',
  );
  return debian?.[0] ?? null;
}

/** Names of suites that a mirror may have. A new one is not refused for it: this is only for errors. */
export const SUITES = [
  'bullseye',
  'bookworm',
  'trixie',
  'forky',
  'duke',
  'sid',
  'oldoldstable',
  'oldstable',
  'stable',
  'testing',
  'unstable',
  'experimental',
] as const;

/** What is told where a mirror does not have a suite that nobody knows; null where it is known, or that is not why. */
export function unknownSuite(suite: string, said: string): UsageError | null {
  const missing = /404 +Not Found|does not have a Release file|no longer has a Release file/.test(said);
  if (!missing || SUITES.some((known) => known === suite)) return null;
  return new UsageError(
    `the Debian mirror of this machine has no suite ${suite}${nearest(suite, SUITES)}`,
    'use the name of a release, such as debian:forky',
  );
}
