/**
 * The shapes of everything in a run directory, as zod schemas: files are checked by them when they are read back,
 * and the record's JSON Schema is made of them. The compiler keeps them equal to `model.ts`.
 */
import { z } from 'zod';
import type { MigrationResult, RunHead, RunRecord, RunTail, Scenario } from '../model.ts';

/** Raised whenever a program that reads run directories could misread one. */
export const SCHEMA_VERSION = 1;

const instant = z
  .number()
  .describe("milliseconds since the run's origin on the controller's monotonic clock");
const ms = z.number().describe('milliseconds');
const interval = z.object({ earliest: instant, latest: instant });
const bounded = z.object({ ms, atLeastMs: ms, atMostMs: ms });
const unknown = z.object({ unknown: z.string().describe('why it is not known') });
const orUnknown = <T extends z.ZodType>(known: T) => z.union([known, unknown]);
const count = z.int().nonnegative();

// The scenario was parsed by its own schema when the run began; here only what the analysis goes by is looked at.
const scenario = z
  .looseObject({
    name: z.string(),
    migration: z.looseObject({ warmUp: count, count, path: z.array(z.string()) }),
    probe: z.looseObject({ ratePerSecond: z.number(), mode: z.enum(['continuous', 'between']) }),
    checks: z.looseObject({}),
    seed: z.number(),
  })
  .describe(
    'the scenario as parsed, with all defaults; see scenario.schema.json',
  ) as unknown as z.ZodType<Scenario>;

const toolchain = z.object({
  name: z.string(),
  runc: z.string(),
  criu: z.string(),
  digest: z.string().nullable(),
  because: z.string(),
});

const host = z.object({
  name: z.string(),
  kernel: z.string(),
  distribution: z.string(),
  architecture: z.string(),
  cgroup: z.enum(['v1', 'hybrid', 'v2']),
  toolchain,
  missingCapabilities: z.array(z.string()),
});

export const headSchema = z.object({
  schema: z.int(),
  thaw: z.string(),
  id: z.string(),
  scenario,
  scenarioFile: z.string(),
  startedAt: z.string(),
  originNs: z.string().regex(/^\d+$/),
  wallOffsetMs: z.number(),
  hosts: z.array(host),
  adaptations: z.array(z.object({ what: z.string(), why: z.string() })),
}) satisfies z.ZodType<RunHead>;

const outcome = z.discriminatedUnion('state', [
  z.object({ state: z.literal('completed') }),
  z.object({
    state: z.literal('failed'),
    phase: z.enum(['arm', 'dump', 'handover', 'restore', 'clean-up']),
    survivor: z.string().nullable(),
    rolledBack: z.boolean(),
    error: z.string(),
  }),
]);

const command = z.object({
  host: z.string(),
  argv: z.array(z.string()),
  exec: interval,
  exit: interval,
  status: z.int(),
});
const step = z.enum([
  'checkpoint',
  'release-address',
  'claim-address',
  'restore',
  'rollback-address',
  'rollback-restore',
]);
const sizeReading = z.object({ beforeMs: instant, afterMs: instant, bytes: count });
const dropRules = z.object({ found: count, removed: count });

export const observationSchema = z.object({
  number: z.int().positive(),
  warmUp: z.boolean(),
  source: z.string(),
  destination: z.string(),
  begunMs: instant,
  endedMs: instant,
  outcome,
  steps: z.partialRecord(step, command),
  dumpLog: z.array(sizeReading),
  restoreLog: z.array(sizeReading),
  freezer: z.array(z.object({ beforeMs: instant, afterMs: instant, frozen: z.boolean() })),
  // Only what we ourselves name: a run directory from elsewhere must not lead out of itself.
  files: z.string().regex(/^migrations\/\d{4,}$/),
  imageBytes: count.nullable(),
  pageImageBytes: count.nullable(),
  dropRules,
  retries: count,
});

export const tailSchema = z.object({
  state: z.enum(['completed', 'failed', 'interrupted']),
  reason: z.string().nullable(),
  endedMs: instant,
  probe: z
    .object({
      resolved: z.string(),
      schedulingClass: z.enum(['fifo', 'other']),
      cpuMs: z.number(),
      maxRssMiB: z.number(),
    })
    .nullable(),
  heartbeat: z.object({ periodMs: z.number(), pauses: z.array(interval) }).nullable(),
}) satisfies z.ZodType<RunTail>;

const lost = z.object({
  refused: count,
  reset: count,
  timeout: count,
  unreachable: count,
  garbled: count,
  other: count,
  dropped: count,
});

const dumpStats = z
  .object({
    freezing_time: count,
    frozen_time: count,
    memdump_time: count,
    memwrite_time: count,
    pages_scanned: count,
    pages_skipped_parent: count,
    pages_written: count,
    irmap_resolve: count,
    pages_lazy: count,
    page_pipes: count,
    page_pipe_bufs: count,
    shpages_scanned: count,
    shpages_skipped_parent: count,
    shpages_written: count,
  })
  .describe("CRIU's stats-dump: times in microseconds");
const restoreStats = z
  .object({
    pages_compared: count,
    pages_skipped_cow: count,
    forking_time: count,
    restore_time: count,
    pages_restored: count,
  })
  .describe("CRIU's stats-restore: times in microseconds");

const downtime = z.object({
  ms,
  lastAnswerMs: instant,
  firstAnswerMs: instant,
  bracketMs: ms,
  resolutionMs: ms,
});
const frozenWindow = z.object({
  window: bounded,
  stopped: interval,
  running: interval,
  criuDumpMs: ms,
  criuRestoreMs: ms,
  runtimeMs: ms,
  gap: bounded,
});
const span = z.object({
  name: z.enum(['dump', 'handover', 'restore', 'first-response', 'recovery']),
  host: z.string(),
  start: interval,
  end: interval,
});

const result = z.object({
  number: z.int().positive(),
  warmUp: z.boolean(),
  source: z.string(),
  destination: z.string(),
  outcome,
  spans: z.array(span),
  downtime: orUnknown(downtime),
  frozenWindow: orUnknown(frozenWindow),
  gap: orUnknown(bounded),
  recoveryMs: orUnknown(ms),
  lost,
  longestLatencyMs: orUnknown(ms),
  connections: orUnknown(z.object({ survived: count, broken: count })),
  dumpStats: orUnknown(dumpStats),
  restoreStats: orUnknown(restoreStats),
  pagesAgree: orUnknown(z.boolean()),
  imageBytes: count.nullable(),
  dropRules,
  retries: count,
  heartbeat: orUnknown(z.object({ pauseMs: ms, resolutionMs: ms, inside: z.boolean() })),
}) satisfies z.ZodType<MigrationResult>;

const verdictState = z.enum(['pass', 'fail', 'unknown']);
const nullableNumber = z.number().nullable();
const quantiles = z.object({ median: ms, p99: ms, max: ms }).nullable();

export const recordSchema = z.object({
  schema: z.int(),
  head: headSchema,
  tail: tailSchema.nullable(),
  migrations: z.array(result),
  distributions: z.array(
    z.object({
      measurement: z.string(),
      unit: z.enum(['ms', 'bytes', 'requests']),
      values: z.array(z.number()),
      unknown: z.array(z.object({ number: z.int(), why: z.string() })),
      min: nullableNumber,
      q1: nullableNumber,
      median: nullableNumber,
      q3: nullableNumber,
      p95: nullableNumber,
      max: nullableNumber,
      medianCi95: z.tuple([z.number(), z.number()]).nullable(),
      uncertainty: nullableNumber,
    }),
  ),
  servedBy: z.array(z.object({ host: z.string(), firstMs: instant, lastMs: instant, answers: count })),
  probe: z.object({
    samples: count,
    answered: count,
    failed: lost.omit({ dropped: true }),
    dropped: count,
    lateness: quantiles,
    latency: quantiles,
    connections: count,
  }),
  verdicts: z.array(z.object({ check: z.string(), state: verdictState, why: z.string() })),
  verdict: verdictState,
  outcome: z.enum(['completed', 'failed', 'interrupted']),
}) satisfies z.ZodType<RunRecord>;

/** The published JSON Schema of record.json. */
export function recordJsonSchema(): object {
  return {
    ...z.toJSONSchema(recordSchema, { target: 'draft-2020-12', unrepresentable: 'any' }),
    $id: 'https://thaw.dev/schema/record.schema.json',
    title: 'Thaw run record',
    description: `Schema ${SCHEMA_VERSION}: one run, recomputable from the raw files beside it.`,
  };
}
