/** One run as a history keeps it: what it was, and the medians of what it measured. */
import { z } from 'zod';
import type { RunRecord } from '../../model.ts';
import { environmentDigest, versionsOf } from '../compare/environment.ts';

export const HISTORY_VERSION = 1;

const count = z.int().nonnegative();
const text = z.string();

const medianOfRun = z.strictObject({
  measurement: text,
  unit: z.enum(['ms', 'bytes', 'requests']),
  /** Measured migrations in which it is known, and in which it is not. */
  n: count,
  unknown: count,
  median: z.number().nullable(),
  medianCi95: z.tuple([z.number(), z.number()]).nullable(),
});

export const historyRunSchema = z.strictObject({
  schema: z.literal(HISTORY_VERSION) as z.ZodType<number>,
  /** Of this run and no other, on whatever machine it was made. */
  id: text.min(1),
  /** ISO 8601, UTC: they sort as text. */
  startedAt: z.iso.datetime(),
  scenario: text,
  /** What a sweep varied. */
  cell: z.record(text, text),
  /** The toolchain that was asked for, such as `auto`; what that came to stands in `versions`. */
  toolchain: text,
  /** Runs of one digest can be compared; see environmentDigest. */
  environment: text,
  versions: z.record(text, text),
  verdict: z.enum(['pass', 'fail', 'unknown']),
  /** Measured ones, and those of them that failed. */
  migrations: count,
  failed: count,
  measurements: z.array(medianOfRun),
});

export type HistoryRun = z.infer<typeof historyRunSchema>;

/** Two machines may begin a run in the same second, but not at the same nanosecond of their clocks. */
export function runIdOf({ head }: RunRecord): string {
  return `${head.scenario.name}/${head.id}/${head.originNs}`;
}

export function historyRunOf(record: RunRecord, id: string): HistoryRun {
  const { scenario, startedAt } = record.head;
  const measured = record.migrations.filter(({ warmUp }) => !warmUp);
  return {
    schema: HISTORY_VERSION,
    id,
    startedAt,
    scenario: scenario.name,
    cell: scenario.cell,
    toolchain: askedFor(scenario.toolchain),
    environment: environmentDigest(record),
    versions: versionsOf(record),
    verdict: record.verdict,
    migrations: measured.length,
    failed: measured.filter(({ outcome }) => outcome.state === 'failed').length,
    measurements: record.distributions.map(({ measurement, unit, values, unknown, median, medianCi95 }) => ({
      measurement,
      unit,
      n: values.length,
      unknown: unknown.length,
      median,
      medianCi95,
    })),
  };
}

/** `auto`, or `rhel01=debian:trixie,rhel02=debian:forky`. */
function askedFor(toolchain: Record<string, string>): string {
  const names = [...new Set(Object.values(toolchain))];
  if (names.length === 1) return names[0] as string;
  return Object.entries(toolchain)
    .map(([host, name]) => `${host}=${name}`)
    .sort()
    .join(',');
}
