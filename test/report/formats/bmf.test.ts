import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../../../harness/model.ts';
import { bmfJson } from '../../../harness/report/formats/bmf.ts';
import { emptyRecord, passingRecord } from '../fixture.ts';
import { RECORDS } from './names.ts';

/** What Bencher documents of the format and of the length of its names, and that nothing else is in it. */
const name = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength });
const number = { type: 'number' };
const validate = new Ajv({ allErrors: true }).compile({
  type: 'object',
  propertyNames: name(1_024),
  additionalProperties: {
    type: 'object',
    propertyNames: name(64),
    additionalProperties: {
      type: 'object',
      required: ['value'],
      properties: { value: number, lower_value: number, upper_value: number },
      additionalProperties: false,
      dependencies: { lower_value: ['upper_value'], upper_value: ['lower_value'] },
    },
  },
});

const parse = (record: RunRecord) =>
  JSON.parse(bmfJson(record)) as Record<string, Record<string, { value: number }>>;

describe("Bencher's metrics of a run", () => {
  it.each(Object.entries(RECORDS))('are as Bencher has them: %s', (_, record) => {
    validate(parse(record));
    expect(validate.errors).toBeNull();
  });

  it('are the medians with their intervals, and the unit in the name', () => {
    const record = passingRecord();
    const [window] = record.distributions;
    expect(Object.keys(parse(record))).toEqual(['httpd']);
    expect(parse(record).httpd?.['frozen-window-ms']).toEqual({
      value: 311.715,
      lower_value: window?.medianCi95?.[0],
      upper_value: window?.medianCi95?.[1],
    });
    expect(Object.keys(parse(record).httpd ?? {})).toContain('image-bytes');
  });

  it('have no interval where there is none, and no measurement that is unknown', () => {
    const record = passingRecord();
    const distributions = record.distributions.map((one) =>
      one.measurement === 'gap'
        ? { ...one, median: null, medianCi95: null, values: [] }
        : { ...one, medianCi95: null },
    );
    const found = parse({ ...record, distributions }).httpd ?? {};
    expect(found['downtime-ms']).toEqual({ value: 344.8 });
    expect(found).not.toHaveProperty('gap-ms');
    expect(parse(emptyRecord())).toEqual({});
  });

  it('tell the cells of a sweep apart', () => {
    const record = passingRecord();
    const scenario = { ...record.head.scenario, cell: { memory: '64 MiB', strategy: 'pre-copy' } };
    expect(Object.keys(parse({ ...record, head: { ...record.head, scenario } }))).toEqual([
      'httpd (memory = 64 MiB, strategy = pre-copy)',
    ]);
  });
});
