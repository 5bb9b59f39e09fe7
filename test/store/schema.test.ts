import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { z } from 'zod';
import type { MigrationObservation, RunHead, RunRecord, RunTail } from '../../harness/model.ts';
import type { headSchema, observationSchema, tailSchema } from '../../harness/store/schema.ts';
import { recordJsonSchema, recordSchema } from '../../harness/store/schema-record.ts';
import { failingRecord } from '../report/fixture.ts';
import { record, withFiles } from './fixture.ts';

describe('the schemas of a run directory', () => {
  // Checked by the compiler, both ways: a field that is only in one of both does not compile.
  it('are the types of model.ts', () => {
    expectTypeOf<z.output<typeof headSchema>>().toEqualTypeOf<RunHead>();
    expectTypeOf<z.output<typeof observationSchema>>().toEqualTypeOf<MigrationObservation>();
    expectTypeOf<z.output<typeof tailSchema>>().toEqualTypeOf<RunTail>();
    expectTypeOf<z.output<typeof recordSchema>>().toEqualTypeOf<RunRecord>();
  });

  it('take a record whole, and refuse one with something unknown', () => {
    expect(recordSchema.parse(record)).toEqual(record);
    expect(recordSchema.safeParse({ ...record, more: 1 }).success).toBe(false);
  });
});

describe('schema/record.schema.json', () => {
  const published = readFileSync(new URL('../../schema/record.schema.json', import.meta.url), 'utf8');

  it('is current; `npm run generate` writes it', () => {
    expect(published).toBe(`${JSON.stringify(recordJsonSchema(), null, 2)}\n`);
  });

  it('takes what zod takes, by another validator', () => {
    const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(JSON.parse(published));
    expect([
      validate(record),
      validate(withFiles(failingRecord())),
      validate({ ...record, head: {} }),
    ]).toEqual([true, true, false]);
  });
});
