/** A testbed: hosts that share /runc, the service address, and the client's place. */

import type { Host } from '../host/host.ts';
import type { HostClock } from '../host/host-clock.ts';
import type { HostFacts, HostName, Readings, TestbedPlan } from '../model.ts';
import type { RemotePlace } from '../probe/start.ts';

export interface Testbed {
  kind: TestbedPlan['kind'];
  hosts: ReadonlyMap<HostName, TestbedHost>;
  /** Where the probe runs: a process there reaches the service address as a client would. */
  client: Host;
  /** Where that is a machine of its own; null: it sees this machine's files and clock. */
  remoteClient: RemotePlace | null;
  /** The service's address, where the client's place does not resolve its name; null: it does. */
  serviceAddress: string | null;
  disturb: Disturb;
}

/**
 * What can be done from outside to a host or the client's place (`freeze`, `kill`, `cut`, `slow`), or to what they share
 * (`fill`, `hang`). Begun in one step, for all is ready; where it cannot be done here: why.
 */
export type Disturb = (what: DisturbedKind, place: string) => Promise<Disturbed | { unable: string }>;
export type DisturbedKind = 'freeze' | 'kill' | 'cut' | 'slow' | 'fill' | 'hang';
export interface Disturbed {
  /** CommandError where it does not come about. */
  begin(): Promise<void>;
  undo(): Promise<void>;
}

export interface TestbedHost {
  host: Host;
  /** The interface that carries the service address. */
  interface: string;
  observe: Observer;
  clock: HostClock;
  facts: HostFacts;
  /**
   * Where programs run that look at this host from beside it, in its network. `local`: they see the files of this machine,
   * and not the host's. Without it the host itself.
   */
  beside?: { host: Host; local: boolean; pidNamespace: string } | undefined;
}

/** Looks at a host while CRIU works there, about once a millisecond, without slowing it. */
export interface Observer {
  /**
   * Begins to look at the size of CRIU's log, and at the freezer's cgroup, given as its directory on the host; null:
   * not at any. Resolves when it looks.
   */
  watch(targets: { log: string; freezer: string | null }): Promise<Watching>;
}

export interface Watching {
  /** Ends it. What was seen is put on the common clock when the function is called, by what is known then. */
  stop(): Promise<() => Readings>;
}

/** The host of that name; a name that the scenario checked cannot be missing. */
export function hostOf(testbed: Testbed, name: HostName): TestbedHost {
  const host = testbed.hosts.get(name);
  if (host === undefined) throw new Error(`no host ${name} in this testbed`);
  return host;
}
