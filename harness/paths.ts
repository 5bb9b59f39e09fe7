/** Where Thaw keeps what it makes outside of a run directory. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { UsageError } from './errors.ts';

/** Root file systems and answers that may be reused; safe to delete while no run is going on. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  const base = env.XDG_CACHE_HOME?.trim() || join(homedir(), '.cache');
  const directory = join(base, 'thaw');
  // The path becomes part of overlayfs mount options, where these characters separate.
  if (!isAbsolute(directory) || /[:,\\\s]/.test(directory)) {
    throw new UsageError(
      `the cache folder ${directory} cannot be used: it must be absolute and without spaces, ":", "," or "\\"`,
      'set XDG_CACHE_HOME to another folder',
    );
  }
  return directory;
}

/** State of running testbeds, one directory a run; what a killed run left here, `thaw clean` removes. */
export const STATE_DIRECTORY = '/run/thaw';

/** Every cgroup of ours is called `thaw-ID-PLACE`, so that what was left behind can be found by name. */
export const CGROUP_PREFIX = 'thaw-';

/** Of a host that this machine does not see the files of: what is captured there, until it is fetched. */
export const CAPTURES = '/run/thaw-captures';
