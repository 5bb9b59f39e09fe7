/** A testbed: hosts that share /runc, the service address, and the client's place. */
import type { Host } from '../host/host.ts';
import type { HostFacts, HostName, TestbedPlan } from '../model.ts';

export interface Testbed {
  kind: TestbedPlan['kind'];
  hosts: ReadonlyMap<HostName, TestbedHost>;
  /** Where the probe runs: a process there reaches the service address as a client would. */
  client: Host;
}

export interface TestbedHost {
  host: Host;
  /** The interface that carries the service address. */
  interface: string;
  observe: Observer;
  facts: HostFacts;
}

/** Looks at a host from outside while CRIU works there; each look takes microseconds and never blocks. */
export interface Observer {
  /** Size of a file on the host in bytes; null while there is none. Call `close` of what it returns at the end. */
  fileSize(path: string): { look(): number | null; close(): void };
  /**
   * State of a freezer cgroup, given its directory on the host; null while it is neither wholly thawed nor wholly
   * frozen, or unknown.
   */
  freezer(directory: string | null): { look(): boolean | null; close(): void };
}

/** The host of that name; a name that the scenario checked cannot be missing. */
export function hostOf(testbed: Testbed, name: HostName): TestbedHost {
  const host = testbed.hosts.get(name);
  if (host === undefined) throw new Error(`no host ${name} in this testbed`);
  return host;
}
