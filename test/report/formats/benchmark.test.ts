import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../../../harness/model.ts';
import { benchmarkJson } from '../../../harness/report/formats/benchmark.ts';
import { emptyRecord, passingRecord } from '../fixture.ts';
import { RECORDS } from './names.ts';

/** What github-action-benchmark documents of `customSmallerIsBetter`, and that nothing else is in it. */
const text = { type: 'string', minLength: 1 };
const validate = new Ajv({ allErrors: true }).compile({
  type: 'array',
  items: {
    type: 'object',
    required: ['name', 'unit', 'value'],
    properties: { name: text, unit: text, value: { type: 'number' }, range: text, extra: text },
    additionalProperties: false,
  },
});

const parse = (record: RunRecord) => JSON.parse(benchmarkJson(record)) as { name: string; value: number }[];

describe("github-action-benchmark's entries of a run", () => {
  it.each(Object.entries(RECORDS))('are as it has them: %s', (_, record) => {
    validate(parse(record));
    expect(validate.errors).toBeNull();
  });

  it('are medians, each under a name of its own, by which it knows the entry of before', () => {
    const entries = parse(passingRecord());
    expect(entries).toContainEqual(
      expect.objectContaining({ name: 'httpd: frozen window', unit: 'ms', value: 311.715 }),
    );
    expect(new Set(entries.map(({ name }) => name)).size).toBe(entries.length);
  });

  it('tell the cells of a sweep apart', () => {
    const record = passingRecord();
    const scenario = { ...record.head.scenario, cell: { memory: '64 MiB' } };
    const [first] = parse({ ...record, head: { ...record.head, scenario } });
    expect(first?.name).toBe('httpd (memory = 64 MiB): frozen window');
  });

  it('leave out what is unknown', () => {
    expect(parse(emptyRecord())).toEqual([]);
  });
});
