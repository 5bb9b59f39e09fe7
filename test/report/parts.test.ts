import { expect, test } from 'vitest';
import type { RunRecord } from '../../harness/model.ts';
import { overTimeSection, partsSection } from '../../harness/report/sections/parts.ts';
import { passingRecord } from './fixture.ts';

const style = { width: 80, colour: false };
const part = {
  run: '2026-01-31T12-00-00Z',
  outcome: 'interrupted',
  migrations: 612,
  failed: 3,
  elapsedMs: 1_234_567,
  frozenWindowMs: 216.4,
  downtimeMs: null,
} as const;

function resumed(): RunRecord {
  const record = passingRecord();
  return { ...record, head: { ...record.head, continues: [part] } };
}

test('a run that goes on for others shows each of them, and how many of all failed, with the interval', () => {
  const lines = partsSection(resumed(), style);
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "Parts  each was broken off, and the next one went on for it with new hosts
      run                      migrations failed frozen downtime   took
      2026-01-31T12-00-00Z            612      3 216 ms        - 21 min interrupted
      2025-11-23T06-42-10Z-3f…         10      0 312 ms   345 ms    0 s completed
      together 3 of 622 failed: 0.48 %, 95 % interval 0.16 % to 1.41 %"
  `);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
  expect(partsSection(passingRecord(), style)).toEqual([]);
});

test('a long run is told by tenths, every measured migration in one of them; a short one is not', () => {
  const record = passingRecord();
  const [first] = record.migrations.filter(({ warmUp }) => !warmUp);
  if (first === undefined) throw new Error('the fixture has no measured migration');
  const migrations = Array.from({ length: 104 }, (_, i) => ({ ...first, number: i + 1 }));
  const lines = overTimeSection({ ...record, migrations }, style);
  expect(lines).toHaveLength(12);
  const spans = lines.slice(2).map((line) => /(\d+) to (\d+)/.exec(line)?.slice(1).map(Number) ?? []);
  expect(
    spans.flatMap(([from, to]) =>
      Array.from({ length: (to ?? 0) - (from ?? 0) + 1 }, (_, i) => (from ?? 0) + i),
    ),
  ).toEqual(migrations.map(({ number }) => number));
  expect(overTimeSection(record, style)).toEqual([]);
});
