/**
 * The words of Thaw as types; no code.
 *
 * Instants are milliseconds since the run's origin on the controller's monotonic clock (CLOCK_MONOTONIC),
 * with a resolution of 1 µs. Durations are milliseconds. CRIU's own fields keep CRIU's names and units (µs).
 */

// ---------------------------------------------------------------- time

/** Milliseconds since the run's origin on the controller's monotonic clock. */
export type Instant = number;

/** An instant that was not read but bounded: it lies between the two, both included. */
export interface Interval {
  earliest: Instant;
  latest: Instant;
}

/** A duration with the bounds that its two uncertain ends leave, in milliseconds. */
export interface BoundedMs {
  ms: number;
  atLeastMs: number;
  atMostMs: number;
}

// ---------------------------------------------------------------- scenario

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
  /** What is captured of each migration; the figures are then disturbed by it. */
  capture: CaptureKind[];
  /** Seed of every random choice of the run (bootstrap, order, faults). */
  seed: number;
  /** In a sweep: what was varied, as key → value; otherwise empty. */
  cell: Record<string, string>;
}

/** `packets` of both ends; of CRIU its system calls (`strace`), a profile (`perf`), and the `core` of one that crashed. */
export type CaptureKind = 'packets' | 'strace' | 'perf' | 'core';

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

// ---------------------------------------------------------------- what a run observes (raw, on disk first)

/** `head.json`: written when the run begins, never changed. */
export interface RunHead {
  schema: number;
  thaw: string;
  id: string;
  scenario: Scenario;
  /** The scenario file as the user wrote it; its text lies beside this file. */
  scenarioFile: string;
  startedAt: string;
  /** CLOCK_MONOTONIC of the controller at the origin of all instants, in nanoseconds, as a decimal string. */
  originNs: string;
  /** CLOCK_REALTIME minus CLOCK_MONOTONIC of the controller at the origin, in milliseconds. */
  wallOffsetMs: number;
  hosts: HostFacts[];
  /** What was chosen because of this machine, each with its reason. */
  adaptations: { what: string; why: string }[];
  /** The runs that this one goes on for, oldest first; empty for one that was begun by itself. */
  continues: RunPart[];
}

/** What came of a run that was broken off, and that another goes on for. */
export interface RunPart {
  /** Its ID: the name of its directory beside the one that goes on. */
  run: string;
  outcome: RunRecord['outcome'];
  /** Measured ones. */
  migrations: number;
  failed: number;
  /** From the first migration to the end of the last. */
  elapsedMs: number;
  /** Medians; null where no migration has one. */
  frozenWindowMs: number | null;
  downtimeMs: number | null;
}

export interface HostFacts {
  name: HostName;
  kernel: string;
  distribution: string;
  architecture: string;
  /** Processors and their model, such as `2 × AMD EPYC`; `unknown` where the kernel names none. */
  cpu: string;
  cgroup: 'v1' | 'hybrid' | 'v2';
  toolchain: ToolchainFacts;
  /**
   * What the host's own package manager answers of runc and criu (`dpkg-query -W`, `rpm -q`), line by line; null
   * where it knows neither.
   */
  packages: string[] | null;
  /** Names of effective capabilities that are missing, such as CAP_SYS_RESOURCE. */
  missingCapabilities: string[];
}

export interface ToolchainFacts {
  /** The name after `auto` was decided, such as `debian:forky`. */
  name: ToolchainName;
  runtime: { name: RuntimeName; version: string };
  criu: string;
  /** Content identity of the root file system it came from; null where there is none. */
  digest: string | null;
  /** Why this one, and why others were not taken. */
  because: string;
}

/** A command's life on the common clock. Bounds are those between which exec and wait() really happened. */
export interface CommandSpan {
  host: HostName;
  argv: string[];
  exec: Interval;
  exit: Interval;
  status: number;
}

/** One reading of a host's own clock over an open channel: it was taken at some instant between the two. */
export interface ClockReading {
  host: HostName;
  askedMs: Instant;
  answeredMs: Instant;
  /** The host's CLOCK_MONOTONIC in nanoseconds, as a decimal string. */
  hostNs: string;
  /** The host's CLOCK_REALTIME minus its CLOCK_MONOTONIC in milliseconds; null where it does not tell. */
  wallOffsetMs: number | null;
}

/** One look at a file that another process is writing: `bytes` is its size at some instant between the two. */
export interface SizeReading {
  beforeMs: Instant;
  afterMs: Instant;
  bytes: number;
}

/** What was seen of a host while CRIU worked there. */
export interface Readings {
  log: SizeReading[];
  freezer: FreezerReading[];
}

/** One look at the container's freezer. Only the readings around each change are kept. */
export interface FreezerReading {
  beforeMs: Instant;
  afterMs: Instant;
  frozen: boolean;
}

export type Phase =
  | 'arm'
  | 'pre-dump'
  | 'dump'
  | 'transfer'
  | 'handover'
  | 'restore'
  | 'lazy-pages'
  | 'clean-up';

/**
 * Where a migration is, while it goes on. `frozen`: from before the checkpoint is begun until the container runs
 * again, roll back included; nothing else is to be done then.
 */
export type Part = 'arm' | 'pre-dump' | 'frozen' | 'lazy-pages' | 'clean-up';

/** One line of `migrations.ndjson`: all that was observed of one migration, nothing derived. */
export interface MigrationObservation {
  /** 1 for the first migration of the run, warm-up included. */
  number: number;
  warmUp: boolean;
  source: HostName;
  destination: HostName;
  begunMs: Instant;
  endedMs: Instant;
  outcome: MigrationOutcome;
  /** Commands by step; a step that did not happen is not there. */
  steps: Partial<Record<StepName, CommandSpan>>;
  /** Looks at dump.log and restore.log while CRIU wrote them. */
  dumpLog: SizeReading[];
  restoreLog: SizeReading[];
  freezer: FreezerReading[];
  /** Readings of the clocks of both hosts, before and after; empty where they share the controller's. */
  clocks: ClockReading[];
  /** Directory of the logs, stats and inventory, relative to the run directory. */
  files: string;
  /** In the order in which they were made; without a strategy that makes any, empty. */
  preDumps: PreDump[];
  /** Bytes of all images, and of the pages-*.img of the dump itself; null where there were none. */
  imageBytes: number | null;
  pageImageBytes: number | null;
  dropRules: { found: number; removed: number };
  /** What runc on each of the two hosts said after it; null where it could not be asked. */
  running: Running[];
  /** What it left on its hosts, and what of theirs was gone; empty where nobody looked. */
  hygiene: HostHygiene[];
  retries: number;
  /** What was broken on purpose meanwhile, in the order of the scenario. */
  faults: FaultObservation[];
  /** Empty where the scenario asks for none. */
  captures: CaptureObservation[];
}

/** A fault of one migration: what was drawn, and what became of it. */
export interface CaptureObservation {
  kind: CaptureKind;
  host: HostName;
  begunMs: Instant;
  endedMs: Instant | null;
  /** Relative to the run directory; null: there is none, and `why` says so. */
  file: string | null;
  bytes: number;
  /** Of packets: how many, and the host's wall clock at the first and the last, in milliseconds. */
  packets: number | null;
  firstMs: number | null;
  lastMs: number | null;
  why: string | null;
}

export interface FaultObservation {
  kind: FaultKind;
  at: FaultPhase;
  /** Name of the host, or `client`. */
  host: string;
  afterMs: number;
  /** `missed`: its moment did not come, or there was nothing to break. `skipped`: it cannot be done here. */
  state: 'injected' | 'missed' | 'skipped';
  /** What was done, or why not. */
  what: string;
  begunMs: Instant | null;
  endedMs: Instant | null;
}

/** A host after a migration, against what it was without the container. */
export interface HostHygiene {
  host: HostName;
  /** False: it did not tell. */
  known: boolean;
  /** Such as `mount /tmp/.criu.cgyard.x (tmpfs)`, and whether it was removed. */
  left: { what: string; removed: boolean }[];
  gone: string[];
}

/** One pre-dump. Its stats and log lie in `pre-N` below the migration's files. */
export interface PreDump {
  span: CommandSpan;
  /** Of its pages-*.img; null where it left none. */
  pageImageBytes: number | null;
}

export type StepName =
  | 'pre-dump'
  | 'checkpoint'
  /** With `transfer: copy` and `page-server`: the images' way to the destination, and its end there. */
  | 'transfer'
  | 'receive'
  | 'release-address'
  | 'release-hook'
  | 'claim-address'
  | 'claim-hook'
  | 'restore'
  /** Post-copy: the checkpoint's own life while it serves pages; the daemon that fetches them; until it ended. */
  | 'page-server'
  | 'lazy-pages'
  | 'lazy-transfer'
  | 'rollback-address'
  | 'rollback-hook'
  | 'rollback-restore'
  /** Calibration: what makes an outage, how long it lasts, and what ends it. */
  | 'outage-begin'
  | 'outage'
  | 'outage-end';

export type MigrationOutcome =
  | { state: 'completed' }
  | {
      state: 'failed';
      phase: Phase;
      /** Where the container runs now; null: it is lost. */
      survivor: HostName | null;
      rolledBack: boolean;
      error: string;
    };

/** What a container has of what it had, as lines that tell a process, a descriptor, a mount or a mapped file. */
export interface ContainerChange {
  same: number;
  gone: string[];
  new: string[];
}

/** Whether a container runs on a host, by the word of runc there; null: not known. */
export interface Running {
  host: HostName;
  running: boolean | null;
}

/** One line of `samples.ndjson`: one request. */
export type Sample = AnsweredSample | FailedSample | DroppedSample;

interface SampleCommon {
  /** Place in the schedule, from 0. */
  n: number;
  /** When it was due. Latency counts from here. */
  due: Instant;
}
export interface AnsweredSample extends SampleCommon {
  state: 'answered';
  sent: Instant;
  firstByte: Instant;
  end: Instant;
  /** HTTP status. */
  status: number;
  /** First line of the body: the host that answered, as it calls itself. At most 100 characters. */
  host: string;
  /** What a counter says of its memory in the second line of the body: `count N since T`. */
  counted?: Counted;
  bytes: number;
  /** CRC-32 of the body, without what a counter says of its memory; not there where that could not be told apart. */
  checksum?: number;
  /** Serial number of the TCP connection, from 1. */
  connection: number;
}
/** Requests that the server has answered since it was started, this one included, and when that was, in its words. */
export interface Counted {
  count: number;
  since: string;
  /** The third line, of redis: `writes W lost L checked C on HOST`. */
  writes?: CountedWrites;
}
/** Acknowledged writes, how many of them the last reading of all data did not find, the number of readings and the last one's host. */
export interface CountedWrites {
  acknowledged: number;
  lost: number;
  checks: number;
  on: string;
}
export interface FailedSample extends SampleCommon {
  state: 'failed';
  sent: Instant;
  end: Instant;
  kind: FailureKind;
  /** The error's code or text, as it came. At most 200 characters. */
  detail: string;
  /** Null where no connection came about. */
  connection: number | null;
}
/** Not sent, since too many requests were in flight when it was due. */
export interface DroppedSample extends SampleCommon {
  state: 'dropped';
}
/** Of the connections that were in use when a migration began. */
export interface ConnectionCounts {
  survived: number;
  /** `reset` and `timedOut` by what first failed on it; the rest in another way, or not heard of again. */
  broken: number;
  reset: number;
  timedOut: number;
}

export type FailureKind = 'refused' | 'reset' | 'timeout' | 'unreachable' | 'garbled' | 'other';

/** `tail.json`: written when the run ends, in whatever way. */
export interface RunTail {
  /** `skipped`: a kernel or toolchain lacks what the scenario needs, so nothing was migrated. */
  state: 'completed' | 'failed' | 'skipped' | 'interrupted';
  /** Why, where it is not completed. */
  reason: string | null;
  endedMs: Instant;
  probe: ProbeFacts | null;
  /** Pauses that the heartbeat noted, on the common clock; null where the bundle carries none. */
  heartbeat: { periodMs: number; pauses: Interval[] } | null;
  /** What sanitizers reported that runc or CRIU was built with; absent: nothing. */
  sanitizer?: SanitizerReport[] | undefined;
}

/** What a process of a sanitizer build said of itself. */
export interface SanitizerReport {
  host: HostName;
  /** Its summary in one line. */
  summary: string;
  /** All of it, a file in the run directory. */
  file: string;
}

/** What the probe says of itself. */
export interface ProbeFacts {
  /** Where the client found the service: what `Service.name` resolved to, or the address that was given. */
  resolved: string;
  schedulingClass: 'fifo' | 'other';
  cpuMs: number;
  maxRssMiB: number;
  /**
   * The machine of its own that it ran on, and by how many milliseconds its instants may be off on the common clock; null:
   * not known. Intervals between two of them are not.
   */
  on?: { host: HostName; clockMs: number | null } | undefined;
}

// ---------------------------------------------------------------- calibration

/**
 * How an outage is made. `stopped`: all tasks of the container by SIGSTOP. `frozen`: by its cgroup's freezer, as CRIU does
 * it. `refused`: by a reset. `dropped`: its packets are. `address-gone`: the service address is taken away.
 */
export type OutageKind = 'stopped' | 'frozen' | 'refused' | 'dropped' | 'address-gone';

/** One line of `outages.ndjson`: an outage that was made, on the common clock. */
export interface MadeOutage {
  kind: OutageKind;
  connection: ProbePlan['connection']['kind'];
  wantedMs: number;
  /** The life of the command that began it, and of the one that ended it. */
  begin: Interval;
  end: Interval;
  /** What a migration's watch saw of the container's freezer meanwhile; empty where nobody looked. */
  freezer: FreezerReading[];
}

export interface MeasuredOutage extends MadeOutage {
  true: BoundedMs;
  /** The longest time between two answers in a row around it; null: there were none. */
  seenMs: number | null;
  /** The heartbeat's pause, of a container that was stopped or frozen. */
  heartbeatMs: number | null;
  /** Between the freezer's two changes as the watch saw them, of a container that was frozen. */
  window: BoundedMs | null;
}

/** All outages of a kind, a connection and a length. Errors are what was seen less what is true, and 0 within its bounds. */
export interface CalibrationRow extends Pick<MadeOutage, 'kind' | 'connection' | 'wantedMs'> {
  outages: number;
  unseen: number;
  /** Medians. */
  trueMs: number;
  /** Half of what the times of its commands leave open. */
  uncertaintyMs: number;
  seenMs: number | null;
  errorMs: number | null;
  leastErrorMs: number | null;
  mostErrorMs: number | null;
  /** Whether the median error is allowed; null where TCP, and not the probe, decides what a client sees. */
  state: VerdictState | null;
}

/**
 * All outages of a length for which the container was stopped or frozen, by what is known of it without a client.
 * Medians; errors are 0 within the bounds of what is true and of what was seen.
 */
export interface StopRow extends Pick<MadeOutage, 'kind' | 'wantedMs'> {
  outages: number;
  trueMs: number;
  uncertaintyMs: number;
  heartbeatMs: number | null;
  heartbeatErrorMs: number | null;
  windowMs: number | null;
  windowUncertaintyMs: number | null;
  windowErrorMs: number | null;
  state: VerdictState;
}

export interface Calibration {
  resolutionMs: number;
  allowedMs: number;
  outages: MeasuredOutage[];
  rows: CalibrationRow[];
  stops: StopRow[];
  verdict: VerdictState;
}

// ---------------------------------------------------------------- CRIU's figures (CRIU's names and units)

export interface DumpStats {
  freezing_time: number;
  frozen_time: number;
  memdump_time: number;
  memwrite_time: number;
  pages_scanned: number;
  pages_skipped_parent: number;
  pages_written: number;
  irmap_resolve: number;
  pages_lazy: number;
  page_pipes: number;
  page_pipe_bufs: number;
  shpages_scanned: number;
  shpages_skipped_parent: number;
  shpages_written: number;
}

export interface RestoreStats {
  pages_compared: number;
  pages_skipped_cow: number;
  forking_time: number;
  restore_time: number;
  pages_restored: number;
}

export interface Inventory {
  img_version: number;
  dump_uptime: number | null;
  network_lock_method: number | null;
  dump_criu_run_id: string | null;
}

/** A log line with CRIU's own offset since the start of that log. */
export interface LogLine {
  /** Milliseconds since CRIU opened the log. */
  offsetMs: number;
  /** Byte position at which the line ends, its newline included. */
  endByte: number;
  text: string;
}

/** What one log tells of errors: all that a diagnosis needs of it, and bounded whatever the size of the log. */
export interface LogEvidence {
  /** Path relative to the directory of the logs, such as `dump.log`; `output` is what a command said. */
  name: string;
  /** What it is the log of; null where neither its name nor its content tells. */
  kind: 'dump' | 'restore' | 'lazy-pages' | 'runtime' | null;
  /** What the file holds: nothing at all, bytes, a log of CRIU or of a runtime, or text that is neither. */
  content: 'nothing' | 'binary' | 'log' | 'text';
  /** As the log itself tells; null where it does not. */
  criu: string | null;
  kernel: string | null;
  /** It says that all went well: what it calls errors did no harm. */
  succeeded: boolean;
  /** The first few of each place in the source, and of all places so many. */
  errors: ErrorLine[];
}

export interface ErrorLine {
  /** Place in its log, from 1. */
  number: number;
  text: string;
  /** The lines before it. */
  before: string[];
}

/** The files that one migration left, read and decoded; null where a file is missing. */
export interface MigrationFiles {
  dumpStats: DumpStats | null;
  restoreStats: RestoreStats | null;
  /** One for each pre-dump. */
  preDumpStats: (DumpStats | null)[];
  /** What lazy-pages.log says of the transfer. */
  lazyPages: { transferred: number; total: number } | null;
  inventory: Inventory | null;
  dumpLog: LogLine[] | null;
  restoreLog: LogLine[] | null;
  /** What the container had, line by line; null where that was not asked, or could not be told. */
  container: { before: string[] | null; after: string[] | null };
  /** What the logs that are there tell of errors. */
  evidence: LogEvidence[];
  pageSize: number;
}

/** Everything that is on disk of one run, read back. The only input of the analysis. */
export interface RawRun {
  head: RunHead;
  tail: RunTail | null;
  migrations: { observation: MigrationObservation; files: MigrationFiles }[];
  samples: Iterable<Sample>;
}

// ---------------------------------------------------------------- what is derived

export type SpanName =
  | 'pre-dump'
  | 'dump'
  | 'transfer'
  | 'handover'
  | 'restore'
  | 'lazy-pages'
  | 'first-response'
  | 'recovery';
export interface Span {
  name: SpanName;
  host: HostName | 'client';
  start: Interval;
  end: Interval;
}

/** Downtime as design.md defines it, with the bracket that makes it honest. */
export interface Downtime {
  /** Last answer of the source received … first answer of the destination received. */
  ms: number;
  lastAnswerMs: Instant;
  firstAnswerMs: Instant;
  /** Last success sent … first success received: the widest that it can have been. */
  bracketMs: number;
  /** The probe's interval. */
  resolutionMs: number;
}

/** The frozen window and what it was spent on, in milliseconds. */
export interface FrozenWindow {
  window: BoundedMs;
  stopped: Interval;
  running: Interval;
  /** CRIU's dump from tasks stopped to the end of its log, and its restore from log start to tasks running. */
  criuDumpMs: number;
  criuRestoreMs: number;
  /** runc around CRIU, on both ends: inside the commands and outside of CRIU. */
  runtimeMs: number;
  /** Thaw's own: wait() of checkpoint to exec of restore, handover included. */
  gap: BoundedMs;
  /** The images' way to the destination, where they do not go by the share; no part of the gap. */
  transferMs: number;
}

/** Why a figure is not there. */
export interface Unknown {
  unknown: string;
}
export type OrUnknown<T> = T | Unknown;

/** What a pre-dump took and wrote; the container runs on meanwhile, but for CRIU's frozen_time. */
export interface PreDumpResult {
  duration: BoundedMs;
  stats: OrUnknown<DumpStats>;
  pageImageBytes: number | null;
}

/** What was known of a host's own clock during a migration. */
export interface ClockView {
  host: HostName;
  /** Half of the round trip of its worst reading: how well its instants are known on the common clock. */
  uncertaintyMs: number;
  /**
   * By how much its wall clock was set meanwhile; 0 where it was not, null where that is not known. CRIU's own times
   * are differences of that clock.
   */
  wallStepMs: number | null;
}

/** Why something failed, as its logs tell. */
export interface Diagnosis {
  /** Identifier of a known failure, as in harness/diagnosis/failures.yaml; null: none of them. */
  failure: string | null;
  /** The line that tells it, not the noise after it; null: no log tells of an error. */
  line: PrimaryLine | null;
  cause: string;
  /** What in this scenario, or of these hosts, brings it about. */
  here: string[];
  /** What to change; null where that is not known. */
  remedy: string | null;
  /** Where it was reported. */
  sources: string[];
  /** The lines before `line`, where the failure is unknown. */
  context: string[];
}

/** What failed, and why; null: no log tells. */
export interface Explanation {
  what: string;
  /** Null where nothing can be told: the logs are empty, or an old record has none. */
  diagnosis: Diagnosis | null;
}

export interface PrimaryLine {
  log: string;
  /** From 1. */
  number: number;
  text: string;
  /** Where in CRIU's source it was said, such as `criu/sk-inet.c:188`. */
  place: string | null;
}

export interface MigrationResult {
  number: number;
  warmUp: boolean;
  source: HostName;
  destination: HostName;
  outcome: MigrationOutcome;
  /** Null where it completed. */
  diagnosis: Diagnosis | null;
  /** Directory of its logs and stats, relative to the run directory. */
  files: string;
  spans: Span[];
  downtime: OrUnknown<Downtime>;
  frozenWindow: OrUnknown<FrozenWindow>;
  gap: OrUnknown<BoundedMs>;
  /** Null where the images go by the share. */
  transfer: OrUnknown<BoundedMs> | null;
  recoveryMs: OrUnknown<number>;
  lost: Record<FailureKind | 'dropped', number>;
  longestLatencyMs: OrUnknown<number>;
  connections: OrUnknown<ConnectionCounts>;
  dumpStats: OrUnknown<DumpStats>;
  restoreStats: OrUnknown<RestoreStats>;
  preDumps: PreDumpResult[];
  /** Post-copy: pages that followed of all that could; null by another strategy. */
  lazyPages: OrUnknown<{ transferred: number; total: number }> | null;
  /** pages_written + shpages_written against the bytes of the page images. */
  pagesAgree: OrUnknown<boolean>;
  imageBytes: number | null;
  dropRules: { found: number; removed: number };
  running: Running[];
  hygiene: HostHygiene[];
  /** Null where the scenario does not ask. */
  container: OrUnknown<ContainerChange> | null;
  retries: number;
  faults: FaultObservation[];
  captures: CaptureObservation[];
  /** Empty where the hosts share the controller's clock. */
  clocks: ClockView[];
  /** The heartbeat's largest pause around this migration. */
  heartbeat: OrUnknown<{ pauseMs: number; resolutionMs: number; inside: boolean }>;
}

/** A measurement over all measured (not warm-up) migrations. */
export interface Distribution {
  measurement: string;
  unit: 'ms' | 'bytes' | 'requests';
  values: number[];
  /** Migrations in which it is unknown, with the reasons. */
  unknown: { number: number; why: string }[];
  min: number | null;
  q1: number | null;
  median: number | null;
  q3: number | null;
  p95: number | null;
  max: number | null;
  /** Bootstrap 95 % confidence interval of the median; null below 2 values. */
  medianCi95: [number, number] | null;
  /** Typical half-width of one value's uncertainty, or the resolution; null where exact. */
  uncertainty: number | null;
}

export type VerdictState = 'pass' | 'fail' | 'unknown';
/** A counter's memory over the whole run. */
export interface MemoryHistory {
  /** Answers that told a count. */
  answers: number;
  /** Answered requests that are not contained in a later answer, and their counts, in the order of the answers. */
  lost: number;
  lostCounts: LostCounts[];
  /** Each start time, in the order in which they were first told; more than one: it was started anew. */
  since: { since: string; migration: number | null }[];
  /** Of redis; absent where no answer told of writes. */
  writes?: WriteHistory | undefined;
}

/** Acknowledged writes over the whole run. */
export interface WriteHistory {
  acknowledged: number;
  /** Readings of all data that were heard of. */
  checks: number;
  /** Migrations after which all data was read on the destination. */
  checked: number[];
  /** Each reading that missed some, and each answer that told of fewer than an earlier one. */
  lost: LostWrites[];
}

/** `migration`: the last one that had begun; null: none had. */
export interface LostWrites {
  writes: number;
  on: string;
  migration: number | null;
}

/** `migration`: the last one that had begun when they were first missed; null: none had. */
export interface LostCounts {
  from: number;
  to: number;
  migration: number | null;
}

export interface Verdict {
  check: string;
  state: VerdictState;
  /** One sentence with the figures that decided. */
  why: string;
}

/** A stretch of answers by one host, in the order in which the client received them. */
export interface ServedBy {
  host: string;
  firstMs: Instant;
  lastMs: Instant;
  answers: number;
}

export interface ProbeSummary {
  samples: number;
  answered: number;
  failed: Record<FailureKind, number>;
  dropped: number;
  /** Due to sent, in milliseconds; null without a request that was sent. */
  lateness: { median: number; p99: number; max: number } | null;
  latency: { median: number; p99: number; max: number } | null;
  connections: number;
}

/** `record.json`: the whole run, recomputable to the byte from the raw files. */
export interface RunRecord {
  schema: number;
  head: RunHead;
  tail: RunTail | null;
  migrations: MigrationResult[];
  distributions: Distribution[];
  servedBy: ServedBy[];
  probe: ProbeSummary;
  /** Of a server that counts its requests; null where no answer told a count. */
  memory: MemoryHistory | null;
  verdicts: Verdict[];
  /** The worst of all verdicts. */
  verdict: VerdictState;
  outcome: 'completed' | 'failed' | 'skipped' | 'interrupted';
}

// ---------------------------------------------------------------- what is looked at before a run

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
