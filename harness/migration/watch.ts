/**
 * Watches both hosts while a migration goes on: CRIU's log on each, the container's freezer on the source. Each look
 * is bounded by two readings of a clock; that is what makes the frozen window's ends intervals.
 */
import type { MigrationObservation } from '../model.ts';
import { type ContainerName, stateDirectory } from '../runtime/commands.ts';
import type { TestbedHost, Watching } from '../testbed/testbed.ts';
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
  const freezer = await freezerOf(source, container);
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

/** Directory of a container's freezer, as its runtime noted it; null where it notes none. */
export async function freezerOf(
  { host, facts }: Pick<TestbedHost, 'host' | 'facts'>,
  container: ContainerName,
): Promise<string | null> {
  const file = container.runtime === 'runc' ? 'state.json' : 'status';
  const noted = await host.get(`${stateDirectory(container)}/${file}`, 1024 * 1024).catch(() => null);
  if (noted === null) return null;
  const { cgroup_paths: paths, 'cgroup-path': path } = JSON.parse(noted.toString()) as Noted;
  if (path !== undefined) return `/sys/fs/cgroup${facts.cgroup === 'v2' ? '' : '/freezer'}${path}`;
  return paths?.freezer ?? paths?.[''] ?? null;
}

interface Noted {
  /** Of runc: on v1 a path for each controller; on v2 one, under the empty name. */
  cgroup_paths?: Record<string, string>;
  /** Of crun: in each hierarchy. */
  'cgroup-path'?: string;
}
