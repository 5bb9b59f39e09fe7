/** How the kernel wakes this process: without timer slack, and in a real-time class where that is allowed. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';

export type SchedulingClass = 'fifo' | 'other';

/** Above everything normal, far below the kernel's own real-time threads (50 and up). */
const PRIORITY = '10';

/**
 * Asks for FIFO; tells what was given. `other` where the machine has no chrt, or does not allow it: no
 * CAP_SYS_NICE, or a child cgroup of the v1 cpu controller, which has no real-time share of its own.
 */
export async function becomePrecise(pid: number): Promise<SchedulingClass> {
  try {
    // The default slack of 50 µs is added to every nap (prctl(2), PR_SET_TIMERSLACK).
    writeFileSync('/proc/self/timerslack_ns', '1');
  } catch {
    // Not everywhere: the lateness that results is measured.
  }
  // Threads and children that come later are normal again.
  const given = await chrt(['--reset-on-fork', '--fifo', '--pid', PRIORITY, String(pid)]);
  return given ? 'fifo' : 'other';
}

/** Back to the normal class. */
export async function becomeNormal(pid: number): Promise<void> {
  await chrt(['--other', '--pid', '0', String(pid)]);
}

function chrt(args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    execFile('chrt', args, { timeout: 2_000 }, (error) => resolve(error === null));
  });
}
