import { describe, expect, it } from 'vitest';
import { benchmarkJson } from '../../../harness/report/formats/benchmark.ts';
import { bmfJson } from '../../../harness/report/formats/bmf.ts';
import { hyperfineJson } from '../../../harness/report/formats/hyperfine.ts';
import { prometheusText } from '../../../harness/report/formats/prometheus.ts';
import { runCsv } from '../../../harness/report/formats/run-csv.ts';
import { runCtrf } from '../../../harness/report/formats/run-ctrf.ts';
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
  ['ctrf.json', runCtrf],
  ['bmf.json', bmfJson],
  ['hyperfine.json', hyperfineJson],
  ['prom', prometheusText],
])('a run as %s', (suffix, format) => {
  it.each(['passing', 'failing'] as const)('is what the golden file of the %s run says', async (name) => {
    await expect(format(records[name])).toMatchFileSnapshot(`../../golden/report/run-${name}.${suffix}`);
  });

  it.each(Object.entries(records))('holds no control character: %s', (_, record) => {
    expect(format(record)).toMatch(/^[\p{L}\p{N}\p{P}\p{S} \r\n]+$/u);
  });

  it.each(Object.entries(records))('is the same to the byte for the same record: %s', (_, record) => {
    expect(format(structuredClone(record))).toBe(format(record));
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
