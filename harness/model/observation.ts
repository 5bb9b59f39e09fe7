/** What a run observes: raw, on disk before anything is derived. */

import type { RunRecord } from './result.ts';
import type {
  CaptureKind,
  FaultKind,
  FaultPhase,
  HostName,
  RuntimeName,
  Scenario,
  ToolchainName,
} from './scenario.ts';
import type { Instant, Interval } from './time.ts';

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
  /** Relative to the run directory; null: there is none. */
  file: string | null;
  bytes: number;
  /** Of packets: how many, and the host's wall clock at the first and the last, in milliseconds. */
  packets: number | null;
  firstMs: number | null;
  lastMs: number | null;
  /** Why there is no file, or what it lacks. */
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
