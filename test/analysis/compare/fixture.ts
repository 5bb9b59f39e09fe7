/** Records whose migrations were drawn from 240 recorded ones of scenarios/httpd.yaml, in namespaces on 2 cores. */
import { readFileSync } from 'node:fs';
import type { Distribution, MigrationResult, RunRecord } from '../../../harness/model.ts';
import { failed, passingRecord } from '../../report/fixture.ts';

/** Measurement → one value a migration; CRIU's times in ms. The load of the machine differed meanwhile. */
const RECORDED = JSON.parse(
  readFileSync(new URL('recorded-migrations.json', import.meta.url), 'utf8'),
) as Record<string, number[]>;

export const RECORDED_COUNT = (RECORDED['frozen-window'] as number[]).length;

const TEMPLATE = passingRecord();
const MIGRATION = TEMPLATE.migrations[1] as MigrationResult;

export interface Drawn {
  id: string;
  /** Which of the recorded migrations. */
  picks: readonly number[];
  /** All times are multiplied by it. */
  slowdown?: number;
  /** How many more failed. */
  failures?: number;
}

export function recordOf({ id, picks, slowdown = 1, failures = 0 }: Drawn): RunRecord {
  const completed = picks.map((pick, index) => ({
    ...MIGRATION,
    number: index + 1,
    dumpStats: { ...MIGRATION.dumpStats, freezing_time: figureOf('freezing_time', pick) * 1_000 },
  })) as MigrationResult[];
  const broken = Array.from({ length: failures }, (_, index) => ({
    ...failed(MIGRATION),
    number: picks.length + index + 1,
  }));
  const unknown = broken.map(({ number }) => ({ number, why: 'the migration failed at restore' }));
  return {
    ...TEMPLATE,
    head: { ...TEMPLATE.head, id },
    migrations: [...completed, ...broken],
    distributions: Object.keys(RECORDED).map((name) => ({
      ...NO_FIGURES,
      measurement: name,
      unit: UNITS[name] ?? 'ms',
      values: picks.map((pick) => figureOf(name, pick) * (name === 'image-bytes' ? 1 : slowdown)),
      unknown,
    })),
  };
}

/** Numbers of recorded migrations, drawn with replacement. */
export function draw(count: number, random: () => number): number[] {
  return Array.from({ length: count }, () => Math.floor(random() * RECORDED_COUNT));
}

const UNITS: Record<string, Distribution['unit']> = { lost: 'requests', 'image-bytes': 'bytes' };

/** What a comparison does not read. */
const NO_FIGURES = {
  min: null,
  q1: null,
  median: null,
  q3: null,
  p95: null,
  max: null,
  medianCi95: null,
  uncertainty: null,
};

function figureOf(name: string, pick: number): number {
  return RECORDED[name]?.[pick] as number;
}
