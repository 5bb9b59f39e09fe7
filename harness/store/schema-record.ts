/** The shape of record.json, and the JSON Schema of it that is published as schema/record.schema.json. */
import { z } from 'zod';
import type { RunRecord } from '../model.ts';
import {
  captures,
  count,
  dropRules,
  faults,
  headSchema,
  hygiene,
  instant,
  interval,
  migrationDirectory,
  outcome,
  running,
  SCHEMA_VERSION,
  tailSchema,
} from './schema.ts';

const ms = z.number().describe('Milliseconds.').meta({ id: 'ms' });
const bounded = z
  .strictObject({ ms, atLeastMs: ms, atMostMs: ms })
  .describe('A duration with the bounds that its two uncertain ends leave.')
  .meta({ id: 'boundedMs' });
const unknown = z
  .strictObject({ unknown: z.string() })
  .describe('Why a figure is not there.')
  .meta({ id: 'unknown' });
export const orUnknown = <T extends z.ZodType>(known: T) => z.union([known, unknown]);

const FAILURES = {
  refused: count,
  reset: count,
  timeout: count,
  unreachable: count,
  garbled: count,
  other: count,
};

export const dumpStats = z
  .strictObject({
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
  .describe("CRIU's stats-dump: times in microseconds.");

export const restoreStats = z
  .strictObject({
    pages_compared: count,
    pages_skipped_cow: count,
    forking_time: count,
    restore_time: count,
    pages_restored: count,
  })
  .describe("CRIU's stats-restore: times in microseconds.");

const downtime = z
  .strictObject({
    ms,
    lastAnswerMs: instant,
    firstAnswerMs: instant,
    bracketMs: ms.describe('Last success sent … first success received: the widest that it can have been.'),
    resolutionMs: ms.describe("The probe's interval."),
  })
  .describe('Last answer of the source received … first answer of the destination received.');

export const frozenWindow = z
  .strictObject({
    window: bounded,
    stopped: interval,
    running: interval,
    criuDumpMs: ms,
    criuRestoreMs: ms,
    runtimeMs: ms,
    gap: bounded,
    transferMs: ms,
  })
  .describe('Tasks stopped on the source until tasks running on the destination.');

const span = z.strictObject({
  name: z.enum([
    'pre-dump',
    'dump',
    'transfer',
    'handover',
    'restore',
    'lazy-pages',
    'first-response',
    'recovery',
  ]),
  host: z.string(),
  start: interval,
  end: interval,
});

const diagnosis = z
  .strictObject({
    failure: z.string().nullable().describe('Identifier of a known failure; null: none of them.'),
    line: z
      .strictObject({
        log: z.string(),
        number: z.int().positive(),
        text: z.string(),
        place: z.string().nullable().describe("Where in CRIU's source it was said."),
      })
      .nullable()
      .describe('The line that tells it; null: no log tells of an error.'),
    cause: z.string(),
    here: z.array(z.string()).describe('What in this scenario, or of these hosts, brings it about.'),
    remedy: z.string().nullable(),
    sources: z.array(z.string()),
    context: z.array(z.string()).describe('The lines before it, where the failure is unknown.'),
  })
  .describe('Why it failed, as its logs tell.');

const migration = z.strictObject({
  number: z.int().positive(),
  warmUp: z.boolean(),
  source: z.string(),
  destination: z.string(),
  outcome,
  diagnosis: diagnosis.nullable(),
  files: migrationDirectory,
  logs: z
    .literal('dropped')
    .optional()
    .describe(
      'Not there: its logs are. A long run keeps those of its newest migrations, and of each that failed.',
    ),
  spans: z.array(span),
  downtime: orUnknown(downtime),
  frozenWindow: orUnknown(frozenWindow),
  gap: orUnknown(bounded),
  transfer: orUnknown(bounded).nullable().describe('Null where the images go by the share.'),
  recoveryMs: orUnknown(ms),
  lost: z.strictObject({ ...FAILURES, dropped: count }),
  longestLatencyMs: orUnknown(ms),
  connections: orUnknown(
    z.strictObject({ survived: count, broken: count, reset: count.default(0), timedOut: count.default(0) }),
  ),
  preDumps: z.array(
    z.strictObject({ duration: bounded, stats: orUnknown(dumpStats), pageImageBytes: count.nullable() }),
  ),
  lazyPages: orUnknown(z.strictObject({ transferred: count, total: count })).nullable(),
  dumpStats: orUnknown(dumpStats),
  restoreStats: orUnknown(restoreStats),
  pagesAgree: orUnknown(z.boolean()),
  imageBytes: count.nullable(),
  dropRules,
  running,
  hygiene,
  container: orUnknown(z.strictObject({ same: count, gone: z.array(z.string()), new: z.array(z.string()) }))
    .nullable()
    .describe('What the container has of what it had; null: the scenario does not ask.'),
  retries: count,
  faults,
  captures,
  clocks: z.array(z.strictObject({ host: z.string(), uncertaintyMs: ms, wallStepMs: ms.nullable() })),
  heartbeat: orUnknown(z.strictObject({ pauseMs: ms, resolutionMs: ms, inside: z.boolean() })),
});

const figure = z.number().nullable();
const distribution = z
  .strictObject({
    measurement: z.string(),
    unit: z.enum(['ms', 'bytes', 'requests']),
    values: z.array(z.number()),
    unknown: z.array(z.strictObject({ number: z.int().positive(), why: z.string() })),
    min: figure,
    q1: figure,
    median: figure,
    q3: figure,
    p95: figure,
    max: figure,
    medianCi95: z.tuple([z.number(), z.number()]).nullable(),
    uncertainty: figure,
  })
  .describe('A measurement over all measured (not warm-up) migrations.');

const verdict = z.enum(['pass', 'fail', 'unknown']).meta({ id: 'verdict' });
const spread = z.strictObject({ median: ms, p99: ms, max: ms }).nullable();

/** `record.json`. */
export const recordSchema = z.strictObject({
  schema: z.literal(SCHEMA_VERSION) as z.ZodType<number>,
  head: headSchema,
  tail: tailSchema.nullable(),
  migrations: z.array(migration),
  distributions: z.array(distribution),
  servedBy: z.array(z.strictObject({ host: z.string(), firstMs: instant, lastMs: instant, answers: count })),
  probe: z.strictObject({
    samples: count,
    answered: count,
    failed: z.strictObject(FAILURES),
    dropped: count,
    lateness: spread,
    latency: spread,
    connections: count,
  }),
  memory: z
    .strictObject({
      answers: count,
      lost: count,
      lostCounts: z.array(z.strictObject({ from: count, to: count, migration: count.nullable() })),
      since: z.array(z.strictObject({ since: z.string(), migration: count.nullable() })),
      writes: z
        .strictObject({
          acknowledged: count,
          checks: count,
          checked: z.array(count),
          lost: z.array(z.strictObject({ writes: count, on: z.string(), migration: count.nullable() })),
        })
        .optional()
        .describe('Of redis: acknowledged writes, and readings of all data that missed some.'),
    })
    .nullable()
    .describe('A counter over the whole run: answered requests that a later answer does not contain.'),
  verdicts: z.array(z.strictObject({ check: z.string(), state: verdict, why: z.string() })),
  verdict,
  outcome: z.enum(['completed', 'failed', 'skipped', 'interrupted']),
}) satisfies z.ZodType<RunRecord>;

/** The JSON Schema of record.json. */
export function recordJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(recordSchema, { target: 'draft-2020-12' });
  return {
    $schema,
    $id: `urn:thaw:record:${SCHEMA_VERSION}`,
    title: 'Thaw run record',
    description: 'One run, recomputable to the byte from the raw files beside it.',
    ...schema,
  };
}
