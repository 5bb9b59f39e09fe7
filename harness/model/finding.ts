/** What is looked at before a run. */

/** What was looked at, the same for every host. */
export type FindingId =
  // This machine.
  | 'platform'
  | 'root'
  | 'capabilities'
  | 'cgroups'
  | 'overlayfs'
  | 'tool'
  | 'root-builder'
  | 'disk'
  | 'toolchain'
  | 'features'
  | 'leftovers'
  // A host that is reached over SSH.
  | 'ssh'
  | 'host-tools'
  | 'host-kernel'
  | 'host-features'
  | 'host-share'
  | 'host-space'
  | 'host-clock'
  | 'host-selinux'
  | 'host-firewall'
  | 'host-leftovers'
  // Between two of them.
  | 'one-share'
  | 'processors'
  | 'versions'
  // What a scenario needs.
  | 'files'
  | 'adaptations'
  | 'hosts'
  | `needs-${Need}`
  // A shipped scenario that was run.
  | 'acceptance';
export type Need = 'strategy' | 'tools' | 'captures' | 'memory' | 'space' | 'port' | 'address';

/** One look at this machine, or at a host. */
export interface Finding {
  id: FindingId;
  /** What was looked at, such as `CRIU`. */
  what: string;
  state: 'ok' | 'warning' | 'problem';
  found: string;
  /** Why it matters. */
  why: string;
  /** What to do; null where there is nothing to do. */
  next: string | null;
}
