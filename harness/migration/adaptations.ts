/** What is chosen because of this machine: detected, never assumed, and written into the record. */
import { UsageError } from '../errors.ts';
import { disturbing } from '../fault.ts';
import type { RunHead, Scenario } from '../model.ts';
import { isLazy } from '../strategy.ts';
import type { MachineSetting } from '../testbed/netns/machine-settings.ts';
import { type Connections, decideConnections } from './connections.ts';

export interface Adapted {
  userNamespace: boolean;
  connections: Connections;
  /** Of the whole machine, for as long as the run lasts; only where the hosts are this machine. */
  settings: readonly MachineSetting[];
  adaptations: RunHead['adaptations'];
}

/** The page server of post-copy holds the memory of all tasks in pipes, each of up to 16 MiB. */
const LARGE_PIPES: readonly MachineSetting[] = [
  { name: 'fs.pipe-user-pages-soft', value: 0 },
  { name: 'fs.pipe-max-size', value: 16 * 1024 * 1024, atLeast: true },
];

/**
 * Without CAP_SYS_RESOURCE CRIU cannot read the limits of a process that runs as another user (`Can't get
 * rlimit`). In a user namespace with an identity mapping it can.
 */
export function adapt(
  scenario: Scenario,
  machine: { missingCapabilities: readonly string[]; runtimeVersions: readonly string[] },
): Adapted {
  const adaptations: RunHead['adaptations'] = [];
  const lacks = machine.missingCapabilities.includes('CAP_SYS_RESOURCE');
  const wanted = scenario.bundle.userNamespace;
  const helps = wanted === 'auto' && lacks;
  const against = helps ? againstUserNamespace(scenario) : null;
  const userNamespace = wanted === 'always' || (helps && against === null);
  if (against !== null) {
    adaptations.push({
      what: 'the container has no user namespace, so that all its processes must run as root',
      why: `CAP_SYS_RESOURCE is missing here, and ${against}`,
    });
  } else if (helps) {
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
  const connections = decideConnections(
    scenario.migration.connections,
    {
      userNamespace,
      runtime: scenario.runtime,
      runtimeVersions: machine.runtimeVersions,
    },
    scenario.migration.inFlight,
  );
  if (connections.why !== null) {
    adaptations.push({ what: `connections: ${connections.policy}`, why: connections.why });
  }
  const lazy = isLazy(scenario.migration.strategy) && scenario.testbed.kind === 'netns';
  const settings = lazy && lacks ? LARGE_PIPES : [];
  if (settings.length > 0) {
    adaptations.push({
      what: `while this run lasts: ${settings.map(({ name, value, atLeast }) => `${name} ${atLeast ? '≥' : '='} ${value}`).join(', ')}`,
      why: 'the page server needs large pipes, which the limits of this machine forbid without CAP_SYS_RESOURCE',
    });
  }
  const captured = disturbing(scenario.capture);
  if (captured.length > 0) {
    adaptations.push({
      what: `of each migration is captured: ${captured.join(', ')}`,
      why: 'it was asked for, and disturbs the figures of this run: do not compare them with others',
    });
  }
  if (scenario.capture.includes('images')) {
    adaptations.push({
      what: 'images of migrations that fail are kept in the run directory',
      why: 'it was asked for: they hold the memory of the container, with every secret in it',
    });
  }
  return { userNamespace, connections, settings, adaptations };
}

/** Why a user namespace would help nothing; null where it would. */
function againstUserNamespace({ runtime, migration }: Scenario): string | null {
  if (runtime === 'crun') return 'what crun mounts in a user namespace CRIU cannot dump';
  // The kernel asks for CAP_SYS_PTRACE of the machine's own user namespace (vm.unprivileged_userfaultfd = 0).
  if (isLazy(migration.strategy))
    return 'in a user namespace CRIU may not open the userfaultfd of lazy pages';
  return null;
}
