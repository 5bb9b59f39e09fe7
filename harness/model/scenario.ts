/** A scenario, parsed, with every default decided. */
import type { Phase } from './observation.ts';

export type HostName = string;
export type Family = 'debian' | 'rpm';
/** A value that differs between distributions with Debian packages and those with RPM packages. */
export type ByFamily<T> = Record<Family, T>;

/** One YAML file, parsed once, with every default decided. */
export interface Scenario {
  name: string;
  why: string;
  bundle: Bundle;
  migration: MigrationPlan;
  service: Service;
  handover: HandoverPlan;
  probe: ProbePlan;
  checks: ChecksPlan;
  testbed: TestbedPlan;
  /** How the hosts send; null: as their network lets them. */
  network: NetworkPlan | null;
  /** One toolchain for each host of the path; they differ in a version skew. */
  toolchain: Record<HostName, ToolchainName>;
  runtime: RuntimeName;
  /** What is broken on purpose while a migration goes on. */
  faults: FaultPlan[];
  /** What is captured of each migration; all but images disturbs the figures. */
  capture: CaptureKind[];
  /** Seed of every random choice of the run (bootstrap, order, faults). */
  seed: number;
  /** In a sweep: what was varied, as key → value; otherwise empty. */
  cell: Record<string, string>;
}

/**
 * `packets` of both ends; of CRIU its system calls (`strace`), and the `core` of one that crashed; a profile of the machine
 * (`perf`); the `images` of a migration that failed.
 */
export type CaptureKind = 'packets' | 'strace' | 'perf' | 'core' | 'images';

export type RuntimeName = 'runc' | 'crun';

/** `auto`, `host`, `debian:SUITE`, or `path:DIRECTORY` of a root file system. */
export type ToolchainName = string;

export type Bundle = GeneratedBundle | ExistingBundle;

interface BundleCommon {
  /** Container ID, and directory below `/runc/containers`. */
  name: string;
  /**
   * Whether the container gets a user namespace with an identity mapping. `auto`: only where CRIU lacks
   * CAP_SYS_RESOURCE and would fail to read the limits of processes of other users.
   */
  userNamespace: 'auto' | 'always' | 'never';
  /** Run a process beside the server that notes every pause of more than a few milliseconds. */
  heartbeat: boolean;
  /** Files written on each host before the container starts; `{host}` stands for the host's name. */
  hostFiles: { path: string; content: string }[];
}

/** A bundle whose root file system and config.json Thaw makes. */
export interface GeneratedBundle extends BundleCommon {
  kind: 'generated';
  root: Partial<ByFamily<RootRecipe>>;
  args: ByFamily<string[]>;
  /** Environment as NAME → value. */
  env: ByFamily<Record<string, string>>;
  cwd: string;
  user: { uid: number; gid: number };
  network: 'host';
  readOnlyRoot: boolean;
  /** Mount points that get a tmpfs of their own, in this order. */
  tmpfs: ByFamily<string[]>;
  binds: { source: string; destination: string; readOnly: boolean }[];
}

/** A bundle of the user's own: a directory with config.json (and its root), or a config.json. */
export interface ExistingBundle extends BundleCommon {
  kind: 'existing';
  /** Absolute path of the bundle directory or of the config.json, on the machine that runs Thaw. */
  path: string;
}

export type RootRecipe =
  | { kind: 'debian'; suite: string; packages: string[]; files: RootFile[] }
  | { kind: 'rpm'; releasever: string; packages: string[]; repositories: string[]; files: RootFile[] }
  | { kind: 'path'; path: string };

/** A file put into the root file system when it is built. */
export interface RootFile {
  path: string;
  content: string;
}

export interface MigrationPlan {
  strategy: Strategy;
  /** Hosts in the order in which the container visits them, round and round. At least two. */
  path: HostName[];
  /** Measured migrations, at most so many; the warm-up comes before them and is not counted here. */
  count: number;
  /** No migration begins later than this after the first; null: the count alone decides. */
  forMs: number | null;
  warmUp: number;
  pauseMs: number;
  connections: ConnectionPolicy;
  /** A connection that the server has not accepted yet: left out of the image, or a reason to dump anew. */
  inFlight: 'skip' | 'retry';
  /** How the images get to the destination. */
  transfer: Transfer;
  /** Where the images go: `checkpoint` in the bundle directory (runc's default), or a directory a migration. */
  imageDirectory: 'default' | 'per-migration';
  /** What the run does after a migration that failed. */
  onFailure: 'continue' | 'stop';
  /** Limit of each command of a migration. */
  timeoutMs: number;
  /** Breaks each migration in a way that a check must notice; null: as everywhere else. */
  sabotage: Sabotage | null;
  extra: ExtraOptions;
}

/**
 * `share`: both hosts see one directory. `copy`: all images go from a directory of the source's own to one of the
 * destination's. `page-server`: so do all but the pages, which CRIU sends there while it dumps.
 */
export type Transfer = 'share' | 'copy' | 'page-server';

/**
 * `start-anew`: the container is started on the destination, and not restored. `older-image`: what is restored is the
 * checkpoint of the migration before. `kill-process`: its last process is killed when it has been restored.
 */
export type Sabotage = 'start-anew' | 'older-image' | 'kill-process';

/**
 * `kill-criu`: CRIU of that host by SIGKILL. `criu-fault`: one of CRIU's own fault points, by its environment.
 * `freeze-host`, `kill-host`: all processes of a host. `cut-network`, `slow-network`: a host's, or the client's.
 * `fill-share`: no byte more fits on the share. `hang-share`: whoever writes to it waits. `kill-client`: the probe.
 * `jump-clock`: a host's clock of the day is set forward.
 */
export type FaultKind =
  | 'kill-criu'
  | 'criu-fault'
  | 'freeze-host'
  | 'kill-host'
  | 'cut-network'
  | 'slow-network'
  | 'fill-share'
  | 'hang-share'
  | 'kill-client'
  | 'jump-clock';

export type FaultPhase = Exclude<Phase, 'arm' | 'clean-up'>;
/** Where a fault is: one of the two ends, or the client's place. */
export type FaultPlace = 'source' | 'destination' | 'client';

export interface FaultPlan {
  kind: FaultKind;
  /** When this phase begins; `random`: one that the strategy has, drawn for each migration. */
  at: FaultPhase | 'random';
  /** `auto`: the end on which that phase takes place. */
  place: FaultPlace | 'auto';
  /** So long after the phase has begun, and a random time up to `spreadMs` more. */
  afterMs: number;
  spreadMs: number;
  /** After this long it is undone. */
  forMs: number;
  /** Numbers of the migrations, the warm-up counted; null: all of them. */
  migrations: number[] | null;
  /** `criu-fault`: the value of CRIU_FAULT. */
  number: number | null;
}

/** How memory gets to the destination. */
export type Strategy =
  | { kind: 'stop-and-copy' }
  /** Memory is dumped so often while the container runs; the dump then holds what has changed since. */
  | PreCopy
  /** The container resumes without its memory, which then follows page by page. */
  | { kind: 'post-copy' }
  /** As pre-copy, and what has changed since the last pre-dump follows as by post-copy. */
  | Hybrid;

interface PreCopy extends PreDumpPlan {
  kind: 'pre-copy';
}
interface Hybrid extends PreDumpPlan {
  kind: 'hybrid';
}
export interface PreDumpPlan {
  /** So many; with `until` at most. */
  preDumps: number;
  /** They end as soon as they stop shrinking, or one is below so many MiB; null: there are `preDumps`. */
  until: { belowMiB: number | null } | null;
  /** What a later dump has anew is punched out of the images of those before it. */
  autoDedup: boolean;
}

/**
 * What CRIU does with TCP connections at the dump: `refuse` them (runc's default), carry them over
 * (`established`), or `close` them in the image; `auto` takes `established` where the machine allows it.
 */
export type ConnectionPolicy = 'auto' | 'refuse' | 'established' | 'close';

/** Raw options of the user's own; recorded, and passed on unchanged. */
export interface ExtraOptions {
  checkpoint: string[];
  restore: string[];
  /** Lines of a criu.conf for the dump and for the restore. */
  criuConf: { source: string[]; destination: string[] };
}

export interface Service {
  /** The name that the client resolves, such as `rhel0x`. */
  name: string;
  /** IPv4 address that moves with the container. */
  address: string;
  prefixLength: number;
  port: number;
}

export interface HandoverPlan {
  /** When the destination gets the service address. */
  address: 'before-restore' | 'after-restore';
  /** Whether neighbours are told by gratuitous ARP. */
  announce: boolean;
  /** What a new connection meets while nobody serves. */
  unserved: 'refuse' | 'drop';
  /** The user's own script that hosts call, as a path of this machine. */
  hook: string | null;
}

export interface ProbePlan {
  path: string;
  ratePerSecond: number;
  /** A TCP connection for each request, or a given number of connections that are kept. */
  connection: { kind: 'per-request' } | { kind: 'kept'; count: number };
  timeoutMs: number;
  maxInFlight: number;
  /** `continuous`: open loop through all of the run. `between`: no client is connected during a migration. */
  mode: 'continuous' | 'between';
}

export interface ChecksPlan {
  knownHosts: boolean;
  noSplitBrain: boolean;
  hostOrder: boolean;
  oneContainer: boolean;
  /** Processes, open files, mounts and mapped files are the same after each migration. */
  sameContainer: boolean;
  /** Of a server that counts: every answered request is contained in all later answers. */
  noLostState: boolean;
  /** Of redis: every acknowledged write is found again by a reading of all data after each migration. */
  noLostWrites: boolean;
  /** All answers of a host have the same bytes. */
  sameBytes: boolean;
  /** Failed migrations that are allowed. */
  failedMigrationsAtMost: number;
  /** Connections that may break over the whole run; null: not checked. */
  brokenConnectionsAtMost: number | null;
  /** Requests that may be lost over the whole run; null: not checked. */
  lostRequestsAtMost: number | null;
  limits: Limit[];
}

export type LimitedMeasurement = 'downtime' | 'frozen-window' | 'frozen_time' | 'gap';
export type LimitStatistic = 'median' | 'p95' | 'max';
export interface Limit {
  measurement: LimitedMeasurement;
  statistic: LimitStatistic;
  atMostMs: number;
}

export type TestbedPlan = NetnsPlan | { kind: 'vagrant' } | SshPlan;

/** Machines that exist already. */
export interface SshPlan {
  kind: 'ssh';
  /** Absolute path of the inventory file. */
  inventory: string;
}

export interface NetnsPlan {
  kind: 'netns';
  /** `machine`: the hosts get the cgroup hierarchies that this machine has; `v2`: only the unified one. */
  cgroup: 'machine' | 'v2';
  /** Size of the shared directory in MiB. */
  shareMiB: number;
}

/** What every host sends goes out so, to the other hosts and to the client. */
export interface NetworkPlan {
  /** 1,000 bits a second at most; null: no limit. */
  rateKbit: number | null;
  delayMs: number;
  /** Of its packets. */
  lossPercent: number;
}
