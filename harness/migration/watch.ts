/**
 * Watches both hosts while a migration goes on: CRIU's log on each, the container's freezer on the source. Each look
 * is bounded by two readings of a clock; that is what makes the frozen window's ends intervals.
 */
import type { Host } from '../host/host.ts';
import type { MigrationObservation } from '../model.ts';
import type { Watching } from '../testbed/testbed.ts';
import { logPath } from './images.ts';
import type { Migration } from './migrate.ts';

export interface Watch {
  /** The source has nothing more to tell; whoever calls need not wait. */
  sourceIsDone(): void;
  /** Ends both. What they saw is told later, when both clocks have been read once more. */
  stop(): Promise<() => Pick<MigrationObservation, 'dumpLog' | 'restoreLog' | 'freezer'>>;
}

/** Resolves when both hosts are being watched. */
export async function watch(migration: Migration, images: string | null): Promise<Watch> {
  const { source, destination, container } = migration;
  const freezer = await freezerOf(source.host, container.id);
  const [onSource, onDestination] = await Promise.all([
    source.observe.watch({ log: logPath(container, images, 'dump.log'), freezer }),
    destination.observe.watch({ log: logPath(container, images, 'restore.log'), freezer: null }),
  ]);
  let sourceEnded: ReturnType<Watching['stop']> | null = null;
  const endSource = (): NonNullable<typeof sourceEnded> => {
    sourceEnded ??= onSource.stop();
    return sourceEnded;
  };
  return {
    sourceIsDone: () => void endSource(),
    async stop() {
      const [dump, restore] = await Promise.all([endSource(), onDestination.stop()]);
      return () => {
        const { log: dumpLog, freezer } = dump();
        return { dumpLog, freezer, restoreLog: restore().log };
      };
    },
  };
}

/** Directory of a container's freezer, as runc itself noted it; null where it notes none. */
export async function freezerOf(host: Host, id: string): Promise<string | null> {
  const state = await host.get(`/run/runc/${id}/state.json`, 1024 * 1024).catch(() => null);
  if (state === null) return null;
  const { cgroup_paths: paths } = JSON.parse(state.toString()) as { cgroup_paths?: Record<string, string> };
  // On v1 a path for each controller; on v2 one, under the empty name.
  return paths?.freezer ?? paths?.[''] ?? null;
}
