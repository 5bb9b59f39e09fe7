/** A line of released versions, from what a command line says of them. */
import { UsageError } from '../../errors.ts';
import { nearest } from '../../nearest.ts';
import type { Direction, Version, VersionChange } from './plan.ts';

export interface Released {
  good: string;
  bad: string;
  /** Oldest first; null: the known Debian suites. */
  versions: readonly string[] | null;
  /** What the versions are versions of; null: of whole toolchains. */
  part: keyof VersionChange | null;
}

/** What of the list lies from one end to the other. UsageError where an end is not in it. */
export function releasedVersions(
  { good, bad, versions, part }: Released,
  suites: readonly string[],
): { direction: Direction; versions: Version[] } {
  const all = versions ?? suites.map((suite) => `debian:${suite}`);
  const twice = all.find((name, i) => all.indexOf(name) !== i);
  if (twice !== undefined)
    throw new UsageError(`--versions has ${twice} twice`, 'each stands once, in order');
  const [from, to] = [placeOf('--good', good, all), placeOf('--bad', bad, all)];
  if (from === to) throw new UsageError(`--good and --bad are both ${good}`, 'name two versions');
  return {
    direction: from < to ? 'first-bad' : 'first-fixed',
    versions: all.slice(Math.min(from, to), Math.max(from, to) + 1).map((name) => ({
      name,
      subject: null,
      merge: false,
      change: { [part ?? 'toolchain']: name },
    })),
  };
}

function placeOf(option: string, name: string, all: readonly string[]): number {
  const place = all.indexOf(name);
  if (place !== -1) return place;
  throw new UsageError(
    `${option}: ${name} is not among the versions${nearest(name, all)}`,
    'list them, oldest first: --versions A,B,C; or name a clone with --repository and --part',
  );
}
