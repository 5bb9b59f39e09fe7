/** Removes what killed runs left on this machine: processes, cgroups, state, half-built roots. Only what is ours. */

import { messageOf } from '../errors.ts';
import { removeTree } from '../host/remove-tree.ts';
import { CGROUP_PREFIX, cacheDirectory } from '../paths.ts';
import { abandonedLayers } from '../runtime/parts.ts';
import { abandonedBuilds } from '../runtime/roots/cache.ts';
import { cgroupsNamed, hierarchies, processesIn, removeCgroup } from './netns/cgroups.ts';
import { leases } from './netns/lease.ts';
import { abandonedSettings } from './netns/machine-settings.ts';

export interface Cleaned {
  /** What was removed, or would be with `dryRun`. */
  removed: string[];
  left: { what: string; why: string }[];
  /** Testbeds whose run is still going on; they are not touched. */
  running: string[];
}

interface Leftover {
  what: string;
  remove(): Promise<void>;
}

export async function cleanUp({ dryRun }: { dryRun: boolean }): Promise<Cleaned> {
  const { leftovers, running } = await findLeftovers();
  const cleaned: Cleaned = { removed: [], left: [], running };
  for (const { what, remove } of leftovers) {
    try {
      if (!dryRun) await remove();
      cleaned.removed.push(what);
    } catch (error) {
      cleaned.left.push({ what, why: messageOf(error) });
    }
  }
  return cleaned;
}

async function findLeftovers(): Promise<{ leftovers: Leftover[]; running: string[] }> {
  const all = hierarchies();
  const known = leases();
  const running = known.filter((lease) => lease.alive).map((lease) => lease.id);
  const orphaned = cgroupsNamed(all, CGROUP_PREFIX).filter(
    (name) => !running.some((id) => name.startsWith(`${CGROUP_PREFIX}${id}-`)),
  );
  const cgroups = orphaned.map((name) => {
    const count = processesIn(all, name).length;
    return {
      what: `cgroup ${name}${count > 0 ? ` and its ${count} process${count === 1 ? '' : 'es'}` : ''}`,
      remove: () => removeCgroup(all, name),
    };
  });
  const directories = known
    .filter((lease) => !lease.alive)
    .map(({ directory }) => ({ what: `testbed state ${directory}`, remove: () => removeTree(directory) }));
  const cache = cacheDirectory();
  const unfinished = [...(await abandonedBuilds(cache)), ...(await abandonedLayers(cache))];
  const builds = unfinished.map((path) => ({
    what: `half-built root file system ${path}`,
    remove: () => removeTree(path),
  }));
  const { what: changed, putBack } = await abandonedSettings();
  const settings =
    changed.length === 0
      ? []
      : [{ what: `settings of this machine, put back to ${changed.join(', ')}`, remove: putBack }];
  // Settings first: which runs are dead is told by their directories.
  return { leftovers: [...settings, ...cgroups, ...directories, ...builds], running };
}
