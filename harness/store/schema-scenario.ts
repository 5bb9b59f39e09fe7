/** The shape of a scenario after parsing, all defaults decided: as it stands in head.json and in the record. */
import { z } from 'zod';
import { CAPTURE_KINDS, FAULT_KINDS, FAULT_PHASES } from '../fault.ts';
import type { Scenario } from '../model.ts';

const whole = z.int().nonnegative();
const text = z.string();
const texts = z.array(text);
const byFamily = <T extends z.ZodType>(value: T) => z.strictObject({ debian: value, rpm: value });

const rootFiles = z.array(z.strictObject({ path: text, content: text }));
const rootRecipe = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('debian'), suite: text, packages: texts, files: rootFiles }),
  z.strictObject({
    kind: z.literal('rpm'),
    releasever: text,
    packages: texts,
    repositories: texts,
    files: rootFiles,
  }),
  z.strictObject({ kind: z.literal('path'), path: text }),
]);

const bundleCommon = {
  name: text,
  userNamespace: z.enum(['auto', 'always', 'never']),
  heartbeat: z.boolean(),
  hostFiles: z.array(z.strictObject({ path: text, content: text })),
};

const bundle = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('generated'),
    ...bundleCommon,
    root: z.strictObject({ debian: rootRecipe.exactOptional(), rpm: rootRecipe.exactOptional() }),
    args: byFamily(texts),
    env: byFamily(z.record(text, text)),
    cwd: text,
    user: z.strictObject({ uid: whole, gid: whole }),
    network: z.literal('host'),
    readOnlyRoot: z.boolean(),
    tmpfs: byFamily(texts),
    binds: z.array(z.strictObject({ source: text, destination: text, readOnly: z.boolean() })),
  }),
  z.strictObject({ kind: z.literal('existing'), ...bundleCommon, path: text }),
]);

const preDumpPlan = {
  preDumps: whole,
  until: z.strictObject({ belowMiB: whole.nullable() }).nullable(),
  autoDedup: z.boolean(),
};

const migration = z.strictObject({
  strategy: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('stop-and-copy') }),
    z.strictObject({ kind: z.literal('pre-copy'), ...preDumpPlan }),
    z.strictObject({ kind: z.literal('post-copy') }),
    z.strictObject({ kind: z.literal('hybrid'), ...preDumpPlan }),
  ]),
  path: texts,
  count: whole,
  forMs: z.number().nullable().default(null),
  warmUp: whole,
  pauseMs: z.number(),
  connections: z.enum(['auto', 'refuse', 'established', 'close']),
  inFlight: z.enum(['skip', 'retry']).default('skip'),
  transfer: z.enum(['share', 'copy', 'page-server']),
  imageDirectory: z.enum(['default', 'per-migration']),
  onFailure: z.enum(['continue', 'stop']),
  timeoutMs: z.number(),
  sabotage: z.enum(['start-anew', 'older-image', 'kill-process']).nullable(),
  extra: z.strictObject({
    checkpoint: texts,
    restore: texts,
    criuConf: z.strictObject({ source: texts, destination: texts }),
  }),
});

const faults = z
  .array(
    z.strictObject({
      kind: z.enum(FAULT_KINDS),
      at: z.enum([...FAULT_PHASES, 'random']),
      place: z.enum(['source', 'destination', 'client', 'auto']),
      afterMs: z.number(),
      spreadMs: z.number(),
      forMs: z.number(),
      migrations: z.array(whole).nullable(),
      number: whole.nullable(),
    }),
  )
  .default([]);

const probe = z.strictObject({
  path: text,
  ratePerSecond: z.number().positive(),
  connection: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('per-request') }),
    z.strictObject({ kind: z.literal('kept'), count: whole }),
  ]),
  timeoutMs: z.number(),
  maxInFlight: whole,
  mode: z.enum(['continuous', 'between']),
});

const checks = z.strictObject({
  knownHosts: z.boolean(),
  noSplitBrain: z.boolean(),
  hostOrder: z.boolean(),
  oneContainer: z.boolean(),
  sameContainer: z.boolean(),
  noLostState: z.boolean(),
  sameBytes: z.boolean().default(false),
  noLostWrites: z.boolean().default(false),
  failedMigrationsAtMost: whole,
  brokenConnectionsAtMost: whole.nullable(),
  lostRequestsAtMost: whole.nullable(),
  limits: z.array(
    z.strictObject({
      measurement: z.enum(['downtime', 'frozen-window', 'frozen_time', 'gap']),
      statistic: z.enum(['median', 'p95', 'max']),
      atMostMs: z.number(),
    }),
  ),
});

export const scenarioSchema = z
  .strictObject({
    name: text,
    why: text,
    bundle,
    migration,
    service: z.strictObject({ name: text, address: text, prefixLength: whole, port: whole }),
    handover: z.strictObject({
      address: z.enum(['before-restore', 'after-restore']),
      announce: z.boolean(),
      unserved: z.enum(['refuse', 'drop']),
      hook: text.nullable(),
    }),
    probe,
    checks,
    testbed: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('netns'), cgroup: z.enum(['machine', 'v2']), shareMiB: whole }),
      z.strictObject({ kind: z.literal('vagrant') }),
      z.strictObject({ kind: z.literal('ssh'), inventory: text }),
    ]),
    network: z
      .strictObject({ rateKbit: whole.nullable(), delayMs: z.number(), lossPercent: z.number() })
      .nullable()
      .default(null),
    toolchain: z.record(text, text),
    runtime: z.enum(['runc', 'crun']),
    faults,
    capture: z.array(z.enum(CAPTURE_KINDS)).default([]),
    seed: z.number(),
    cell: z.record(text, text),
  })
  .describe('The scenario after parsing, with every default decided.') satisfies z.ZodType<Scenario>;
