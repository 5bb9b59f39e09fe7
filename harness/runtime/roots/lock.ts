/** Locks of what is in the cache. They survive a killed run: one that is not refreshed for 15 s is nobody's. */
import lockfile from 'proper-lockfile';
import { EnvironmentError } from '../../errors.ts';

const LOCK_STALE_MS = 15_000;
const LOCK_PATIENCE_MS = 10 * 60_000;

/** Waits for another run that has it; `announce` gets one line then. The lock's end is returned. */
export async function lock(
  path: string,
  label: string,
  announce: (line: string) => void,
): Promise<() => Promise<void>> {
  const deadline = Date.now() + LOCK_PATIENCE_MS;
  for (let told = false; ; told = true) {
    try {
      return await lockfile.lock(path, { realpath: false, stale: LOCK_STALE_MS });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error;
      if (Date.now() > deadline)
        throw new EnvironmentError(`${label} has been locked by another run for 10 minutes`);
      if (!told) announce(`waiting for another run that is using or building ${label}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/** Whether a living run has it. */
export async function isLocked(path: string): Promise<boolean> {
  return lockfile.check(path, { realpath: false, stale: LOCK_STALE_MS }).catch(() => false);
}
