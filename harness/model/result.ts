/** What is derived from a run. */
import type { DumpStats, RestoreStats } from './criu.ts';
import type {
  CaptureObservation,
  ConnectionCounts,
  ContainerChange,
  FailureKind,
  FaultObservation,
  HostHygiene,
  MigrationOutcome,
  RunHead,
  Running,
  RunTail,
} from './observation.ts';
import type { HostName } from './scenario.ts';
import type { BoundedMs, Instant, Interval } from './time.ts';

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
  /**
   * Last answer of the source received … first answer of the destination received, or of a request that was in flight
   * when the tasks were stopped and was answered after they ran again.
   */
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
  /** Not there: its logs are. A long run keeps those of its newest migrations, and of each that failed. */
  logs?: 'dropped' | undefined;
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
