import { describe, expect, it } from 'vitest';
import { benchmarkJson } from '../../../harness/report/formats/benchmark.ts';
import { runCsv } from '../../../harness/report/formats/run-csv.ts';
import { runJunit } from '../../../harness/report/formats/run-junit.ts';
import { emptyRecord, failingRecord, hostileRecord, passingRecord } from '../fixture.ts';

const records = {
  passing: passingRecord(),
  failing: failingRecord(),
  hostile: hostileRecord(),
  empty: emptyRecord(),
};

describe.each([
  ['junit.xml', runJunit],
  ['csv', runCsv],
  ['benchmark.json', benchmarkJson],
])('a run as %s', (suffix, format) => {
  it.each(['passing', 'failing'] as const)('is what the golden file of the %s run says', async (name) => {
    await expect(format(records[name])).toMatchFileSnapshot(`../../golden/report/run-${name}.${suffix}`);
  });

  it.each(Object.entries(records))('holds no control character: %s', (_, record) => {
    expect(format(record)).toMatch(/^[\p{L}\p{N}\p{P}\p{S} \r\n]+$/u);
  });
});

describe('JUnit XML of a run', () => {
  it('passes nothing that was not done', () => {
    expect(runJunit(records.empty)).toContain('tests="1" failures="0" errors="1" skipped="0"');
    const skipped = { ...passingRecord(), outcome: 'skipped' as const, verdicts: [] };
    expect(runJunit(skipped)).toContain('tests="1" failures="0" errors="0" skipped="1"');
  });
});

describe('CSV of a run', () => {
  it('has a row for each migration, warm-ups too', () => {
    expect(runCsv(records.passing).trimEnd().split('\r\n')).toHaveLength(1 + 11);
  });
});
