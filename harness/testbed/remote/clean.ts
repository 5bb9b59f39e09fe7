/** Removes what runs keep on machines that are reached over SSH: copies of toolchains, and what a killed run left. */
import type { Clock } from '../../clock.ts';
import { messageOf, ThawError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import type { Transcript } from '../../host/transcript.ts';
import { CAPTURES } from '../../paths.ts';
import { SANITIZER_DIRECTORY } from '../../runtime/sanitizers.ts';
import { openScope, type Scope } from '../../scope.ts';
import type { Cleaned } from '../clean.ts';
import { shapedInterfaces, unshape } from '../shaping.ts';
import { connect, requireRoot } from './connect.ts';
import type { Machines } from './ground.ts';
import { claimed } from './lock.ts';
import { PLACE } from './place.ts';
import { TOOLCHAINS } from './toolchains.ts';

const LIMIT = { timeoutMs: 30_000 };
const REMOVE_LIMIT = { timeoutMs: 5 * 60_000 };

/** Small things of a run, beside its container and its address, which the next run removes. */
const OF_RUNS = [
  '/run/thaw-criu.conf',
  '/run/thaw-handover',
  '/run/thaw-images',
  CAPTURES,
  SANITIZER_DIRECTORY,
  PLACE,
] as const;

/** A host that is not reached, or has a run going on, is told and left as it is. */
export async function cleanHosts(
  { inventory, enter }: Machines,
  { dryRun, clock, transcript }: { dryRun: boolean; clock: Clock; transcript: Transcript },
): Promise<Cleaned> {
  const cleaned: Cleaned = { removed: [], left: [], running: [] };
  const scope = openScope();
  try {
    for (const [name, machine] of inventory.hosts) {
      try {
        const { host } = await connect(name, machine, enter, { clock, transcript, scope });
        await requireRoot(host);
        await cleanHost(host, { dryRun, scope, cleaned });
      } catch (error) {
        if (!(error instanceof ThawError)) throw error;
        cleaned.left.push({ what: name, why: messageOf(error) });
      }
    }
  } finally {
    await scope.close();
  }
  return cleaned;
}

async function cleanHost(
  host: Host,
  { dryRun, scope, cleaned }: { dryRun: boolean; scope: Scope; cleaned: Cleaned },
): Promise<void> {
  if (!(await claimed(host, scope))) {
    cleaned.running.push(host.name);
    return;
  }
  for (const path of await present(host)) {
    if (!dryRun) await host.exec(['rm', '-rf', '--one-file-system', '--', path], REMOVE_LIMIT);
    cleaned.removed.push(`${host.name}: ${path}`);
  }
  for (const device of await shapedInterfaces(host)) {
    if (!dryRun) await unshape(host, device);
    cleaned.removed.push(`${host.name}: how it sends on ${device}`);
  }
}

const WHICH = 'for path; do if [ -e "$path" ] || [ -L "$path" ]; then printf "%s\\n" "$path"; fi; done';

async function present(host: Host): Promise<string[]> {
  const argv = ['/bin/sh', '-c', WHICH, 'sh', TOOLCHAINS, ...OF_RUNS];
  const { stdout } = await host.exec(argv, LIMIT);
  return stdout.split('\n').filter(Boolean);
}
