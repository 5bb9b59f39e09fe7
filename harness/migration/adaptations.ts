/** What is chosen because of this machine: detected, never assumed, and written into the record. */
import { UsageError } from '../errors.ts';
import type { RunHead, Scenario } from '../model.ts';
import { type Connections, decideConnections } from './connections.ts';

export interface Adapted {
  userNamespace: boolean;
  connections: Connections;
  adaptations: RunHead['adaptations'];
}

/**
 * Without CAP_SYS_RESOURCE CRIU cannot read the limits of a process that runs as another user (`Can't get
 * rlimit`). In a user namespace with an identity mapping it can.
 */
export function adapt(
  scenario: Scenario,
  machine: { missingCapabilities: readonly string[]; runc: readonly string[] },
): Adapted {
  const adaptations: RunHead['adaptations'] = [];
  const lacks = machine.missingCapabilities.includes('CAP_SYS_RESOURCE');
  const wanted = scenario.bundle.userNamespace;
  const userNamespace = wanted === 'always' || (wanted === 'auto' && lacks);
  if (wanted === 'auto' && lacks) {
    adaptations.push({
      what: 'the container has a user namespace with an identity mapping',
      why: 'CAP_SYS_RESOURCE is missing here, and without it CRIU cannot read the limits of processes of other users',
    });
  }
  if (userNamespace && scenario.migration.connections === 'established') {
    throw new UsageError(
      'established connections cannot be restored in a user namespace, which this machine makes necessary (CAP_SYS_RESOURCE is missing)',
      'let all processes of the container run as root and set `bundle.user-namespace: never`, or use `connections: close`',
    );
  }
  const connections = decideConnections(scenario.migration.connections, {
    userNamespace,
    runc: machine.runc,
  });
  if (connections.why !== null) {
    adaptations.push({ what: `connections: ${connections.policy}`, why: connections.why });
  }
  return { userNamespace, connections, adaptations };
}
