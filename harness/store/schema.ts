/**
 * The shapes of the raw files of a run directory, as zod schemas: files are checked by them when they are read
 * back. The compiler keeps them equal to `model.ts`. What is not known here is refused, not dropped.
 */
import { z } from 'zod';
import { CAPTURE_KINDS, FAULT_KINDS, FAULT_PHASES } from '../fault.ts';
import type { MigrationObservation, RunHead, RunTail } from '../model.ts';
import { scenarioSchema } from './schema-scenario.ts';

/** Raised whenever a program that reads run directories could misread one. */
export const SCHEMA_VERSION = 1;

export const instant = z
  .number()
  .describe("Milliseconds since the run's origin on the controller's monotonic clock.")
  .meta({ id: 'instant' });
export const interval = z
  .strictObject({ earliest: instant, latest: instant })
  .describe('An instant that was not read but bounded: it lies between the two, both included.')
  .meta({ id: 'interval' });
export const count = z.int().nonnegative().meta({ id: 'count' });
export const running = z
  .array(z.strictObject({ host: z.string(), running: z.boolean().nullable() }))
  .describe(
    'Whether the container ran on each of the two hosts after it, by the word of its runtime; null: not known.',
  );
export const dropRules = z.strictObject({ found: count, removed: count });

const toolchain = z.strictObject({
  name: z.string(),
  runtime: z.strictObject({ name: z.enum(['runc', 'crun']), version: z.string() }),
  criu: z.string(),
  digest: z.string().nullable(),
  because: z.string(),
});

const host = z.strictObject({
  name: z.string(),
  kernel: z.string(),
  distribution: z.string(),
  architecture: z.string(),
  cpu: z.string().describe('Processors and their model; `unknown` where the kernel names none.'),
  cgroup: z.enum(['v1', 'hybrid', 'v2']),
  toolchain,
  packages: z
    .array(z.string())
    .nullable()
    .describe(
      "What the host's own package manager answers of runc, crun and criu; null where it knows neither.",
    ),
  missingCapabilities: z.array(z.string()),
});

/** `head.json`. */
export const headSchema = z.strictObject({
  schema: z.literal(SCHEMA_VERSION) as z.ZodType<number>,
  thaw: z.string(),
  id: z.string(),
  scenario: scenarioSchema,
  scenarioFile: z.string(),
  startedAt: z.string(),
  originNs: z.string().regex(/^\d+$/),
  wallOffsetMs: z.number(),
  hosts: z.array(host),
  adaptations: z.array(z.strictObject({ what: z.string(), why: z.string() })),
  continues: z
    .array(
      z.strictObject({
        run: z.string(),
        outcome: z.enum(['completed', 'failed', 'skipped', 'interrupted']),
        migrations: count,
        failed: count,
        elapsedMs: z.number(),
        frozenWindowMs: z.number().nullable(),
        downtimeMs: z.number().nullable(),
      }),
    )
    .default([])
    .describe('The runs that this one goes on for, oldest first.'),
}) satisfies z.ZodType<RunHead>;

export const outcome = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('completed') }),
  z.strictObject({
    state: z.literal('failed'),
    phase: z.enum(['arm', 'pre-dump', 'dump', 'transfer', 'handover', 'restore', 'lazy-pages', 'clean-up']),
    survivor: z.string().nullable().describe('Where the container runs now; null: it is lost.'),
    rolledBack: z.boolean(),
    error: z.string(),
  }),
]);

const command = z.strictObject({
  host: z.string(),
  argv: z.array(z.string()),
  exec: interval,
  exit: interval,
  status: z.int(),
});
const step = z.enum([
  'pre-dump',
  'checkpoint',
  'transfer',
  'receive',
  'release-address',
  'release-hook',
  'claim-address',
  'claim-hook',
  'restore',
  'page-server',
  'lazy-pages',
  'lazy-transfer',
  'rollback-address',
  'rollback-hook',
  'rollback-restore',
  'outage-begin',
  'outage',
  'outage-end',
]);
const sizeReading = z.strictObject({ beforeMs: instant, afterMs: instant, bytes: count });

const clockReading = z.strictObject({
  host: z.string(),
  askedMs: instant,
  answeredMs: instant,
  hostNs: z.string().regex(/^\d{1,20}$/),
  wallOffsetMs: z.number().nullable(),
});

export const hygiene = z
  .array(
    z.strictObject({
      host: z.string(),
      known: z.boolean(),
      left: z.array(z.strictObject({ what: z.string(), removed: z.boolean() })),
      gone: z.array(z.string()),
    }),
  )
  .default([]);

export const faults = z
  .array(
    z.strictObject({
      kind: z.enum(FAULT_KINDS),
      at: z.enum(FAULT_PHASES),
      host: z.string(),
      afterMs: z.number(),
      state: z.enum(['injected', 'missed', 'skipped']),
      what: z.string(),
      begunMs: instant.nullable(),
      endedMs: instant.nullable(),
    }),
  )
  .default([])
  .describe('What was broken on purpose during it, and what became of that.');

export const captures = z
  .array(
    z.strictObject({
      kind: z.enum(CAPTURE_KINDS),
      host: z.string(),
      begunMs: instant,
      endedMs: instant.nullable(),
      file: z
        .string()
        .regex(/^migrations\/\d{4,}\/[\w.-]+$/)
        .nullable(),
      bytes: count,
      packets: count.nullable(),
      firstMs: z.number().nullable(),
      lastMs: z.number().nullable(),
      why: z.string().nullable(),
    }),
  )
  .default([])
  .describe('What was captured of it, on the wall clock of its host where it is of packets.');

/** A directory that Thaw itself names: a run directory from elsewhere must not lead out of itself. */
export const migrationDirectory = z.string().regex(/^migrations\/\d{4,}$/);

const sanitizerFile = z.string().regex(/^sanitizer\/[a-z0-9-]+\/[\w.+-]+$/);

/** One line of `migrations.ndjson`. */
export const observationSchema = z.strictObject({
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
  freezer: z.array(z.strictObject({ beforeMs: instant, afterMs: instant, frozen: z.boolean() })),
  clocks: z.array(clockReading),
  files: migrationDirectory,
  preDumps: z.array(z.strictObject({ span: command, pageImageBytes: count.nullable() })),
  imageBytes: count.nullable(),
  pageImageBytes: count.nullable(),
  dropRules,
  running,
  hygiene,
  retries: count,
  faults,
  captures,
}) satisfies z.ZodType<MigrationObservation>;

/** `tail.json`. */
export const tailSchema = z.strictObject({
  state: z.enum(['completed', 'failed', 'skipped', 'interrupted']),
  reason: z.string().nullable(),
  endedMs: instant,
  probe: z
    .strictObject({
      resolved: z.string(),
      schedulingClass: z.enum(['fifo', 'other']),
      cpuMs: z.number(),
      maxRssMiB: z.number(),
      on: z.strictObject({ host: z.string(), clockMs: z.number().nullable() }).optional(),
    })
    .nullable(),
  heartbeat: z.strictObject({ periodMs: z.number(), pauses: z.array(interval) }).nullable(),
  sanitizer: z
    .array(z.strictObject({ host: z.string(), summary: z.string(), file: sanitizerFile }))
    .optional(),
}) satisfies z.ZodType<RunTail>;
