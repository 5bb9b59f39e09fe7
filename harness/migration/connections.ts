/** What becomes of TCP connections, in flags of the runtime and lines of a criu.conf. */
import type { ConnectionPolicy, MigrationPlan, RuntimeName } from '../model.ts';
import { atLeast } from '../runtime/commands.ts';

export interface Connections {
  policy: Exclude<ConnectionPolicy, 'auto'>;
  /** Flags of the runtime. */
  checkpointFlags: string[];
  restoreFlags: string[];
  /** Lines of a criu.conf, alike for both sides. */
  criuConf: string[];
  /** Why, where `auto` decided. */
  why: string | null;
}

/**
 * Decides `auto` by what the machine can do, and says how it is done.
 * In a user namespace CRIU cannot restore established connections (`Can't turn TCP repair mode ON`), so there
 * they are closed. A client that connects at the instant of the dump is half-open: it is skipped, or refused for a retry.
 */
export function decideConnections(
  policy: ConnectionPolicy,
  machine: { userNamespace: boolean; runtime: RuntimeName; runtimeVersions: readonly string[] },
  inFlight: MigrationPlan['inFlight'] = 'skip',
): Connections {
  // runc has the flag since 1.3, for the checkpoint alone; else CRIU takes it from its configuration.
  const byFlag =
    machine.runtime === 'runc' && machine.runtimeVersions.every((version) => atLeast(version, [1, 3]));
  const skips = inFlight === 'skip';
  const skipFlags = skips && byFlag ? ['--tcp-skip-in-flight'] : [];
  const skipConf = skips && !byFlag ? ['skip-in-flight'] : [];
  const carry = ['--tcp-established'];
  switch (policy) {
    case 'refuse':
      return { policy, checkpointFlags: [], restoreFlags: [], criuConf: [], why: null };
    case 'established':
      return {
        policy,
        checkpointFlags: [...carry, ...skipFlags],
        restoreFlags: carry,
        criuConf: skipConf,
        why: null,
      };
    case 'close':
      return {
        policy,
        checkpointFlags: skipFlags,
        restoreFlags: [],
        criuConf: ['tcp-close', ...skipConf],
        why: null,
      };
    case 'auto':
      return machine.userNamespace
        ? {
            ...decideConnections('close', machine, inFlight),
            why: 'in a user namespace CRIU cannot restore established connections, so they are closed in the image',
          }
        : {
            ...decideConnections('established', machine, inFlight),
            why: 'nothing here stands against carrying connections over',
          };
  }
}
