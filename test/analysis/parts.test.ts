import { expect, test } from 'vitest';
import { partOf, whatIsLeft } from '../../harness/analysis/parts.ts';
import { failingRecord, passingRecord } from '../report/fixture.ts';

test('a part has its measured migrations, the failed ones among them, and the medians of the rest', () => {
  const span = {
    name: 'dump' as const,
    host: 'rhel01',
    start: { earliest: 10, latest: 11 },
    end: { earliest: 500, latest: 510 },
  };
  const failing = failingRecord();
  const migrations = failing.migrations.map((one) => ({ ...one, spans: [span] }));
  const record = { ...failing, migrations, outcome: 'interrupted' as const };
  const measured = record.migrations.filter(({ warmUp }) => !warmUp);
  const part = partOf(record);
  expect(part).toMatchObject({
    run: record.head.id,
    outcome: 'interrupted',
    migrations: measured.length,
    failed: measured.filter(({ outcome }) => outcome.state === 'failed').length,
  });
  expect(part.failed).toBeGreaterThan(0);
  expect(part.elapsedMs).toBe(500);
  expect(partOf({ ...record, migrations: [] })).toMatchObject({
    migrations: 0,
    elapsedMs: 0,
    frozenWindowMs: null,
    downtimeMs: null,
  });
});

test('what is left is the plan less what is done, and nothing once its number or its time is used up', () => {
  const plan = { ...passingRecord().head.scenario.migration, count: 1_000, forMs: 60_000 };
  const part = { ...partOf(passingRecord()), migrations: 400, elapsedMs: 20_000.5 };
  expect(whatIsLeft(plan, part)).toEqual({ ...plan, count: 600, forMs: 39_999 });
  expect(whatIsLeft({ ...plan, forMs: null }, part)).toEqual({ ...plan, count: 600, forMs: null });
  expect(whatIsLeft(plan, { ...part, migrations: 1_000 })).toBeNull();
  expect(whatIsLeft(plan, { ...part, elapsedMs: 60_000 })).toBeNull();
});
