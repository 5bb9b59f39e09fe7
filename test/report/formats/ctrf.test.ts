import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import type { MigrationResult } from '../../../harness/model.ts';
import { runCtrf } from '../../../harness/report/formats/run-ctrf.ts';
import { emptyRecord, failingRecord, passingRecord } from '../fixture.ts';
import { RECORDS } from './names.ts';

const schema = JSON.parse(
  readFileSync(new URL('schema/ctrf-schema-0.0.json', import.meta.url), 'utf8'),
) as object;
const ajv = new Ajv({ allErrors: true, formats: { uuid: true, 'date-time': true, uri: true } });
const validate = ajv.compile(schema);

interface Ctrf {
  results: {
    summary: Record<string, unknown>;
    tests: ({ name: string; status: string; duration: number } & Record<string, unknown>)[];
    environment: Record<string, unknown>;
  };
}

const parse = (record: Parameters<typeof runCtrf>[0]) => (JSON.parse(runCtrf(record)) as Ctrf).results;

describe('CTRF of a run', () => {
  it.each(Object.entries(RECORDS))('is valid by the schema of CTRF: %s', (_, record) => {
    validate(JSON.parse(runCtrf(record)));
    expect(validate.errors).toBeNull();
  });

  it('has the run, its checks and each migration, and counts them', () => {
    const { tests, summary } = parse(failingRecord());
    expect(tests.map(({ name, status }) => `${status} ${name}`)).toEqual([
      'passed run',
      'passed known hosts',
      'passed no split brain',
      'other host order',
      'failed failed migrations',
      'passed downtime p95',
      ...failingRecord().migrations.map(
        ({ number, source, destination }) =>
          `${number === 5 ? 'failed' : 'passed'} migration ${number}: ${source} → ${destination}`,
      ),
    ]);
    expect(summary).toEqual({
      tests: 17,
      passed: 14,
      failed: 2,
      skipped: 0,
      pending: 0,
      other: 1,
      start: Date.parse('2025-11-23T06:42:10.000Z'),
      stop: Date.parse('2025-11-23T06:42:29.000Z'),
      duration: 19_000,
    });
  });

  it('takes nothing for passed that was not done', () => {
    expect(parse(emptyRecord()).tests.map(({ status }) => status)).toEqual(['other']);
    const skipped = { ...passingRecord(), outcome: 'skipped' as const, verdicts: [], migrations: [] };
    expect(parse(skipped).tests.map(({ status }) => status)).toEqual(['skipped']);
  });

  it('says of what was killed that its end is not known', () => {
    const { summary } = parse({ ...passingRecord(), tail: null, outcome: 'interrupted' });
    expect(summary).not.toHaveProperty('duration');
    expect(summary).toMatchObject({
      stop: Date.parse('2025-11-23T06:42:26.150Z'),
      extra: { stop: expect.stringMatching(/^unknown/) },
    });
  });

  it('has the time of a migration from its first command to its last, and what is unknown of it is not there', () => {
    const at = (ms: number) => ({ earliest: ms, latest: ms + 1 });
    const spans: MigrationResult['spans'] = [
      { name: 'dump', host: 'rhel01', start: at(2_000), end: at(2_150) },
      { name: 'restore', host: 'rhel02', start: at(2_160), end: at(2_320) },
      { name: 'recovery', host: 'client', start: at(2_320), end: at(9_000) },
    ];
    const record = failingRecord();
    const migrations = record.migrations.map((one) => (one.number === 5 ? { ...one, spans } : one));
    const begun = Date.parse('2025-11-23T06:42:12.000Z');
    const test = parse({ ...record, migrations }).tests.find(({ name }) => name.startsWith('migration 5'));
    expect(test).toMatchObject({
      status: 'failed',
      duration: 321,
      start: begun,
      stop: begun + 321,
      message:
        'failed at restore; the container runs on rhel01, rolled back. The address that a socket was bound to is not on this host: it has not moved yet.',
      trace: expect.stringContaining('Cannot assign requested address'),
    });
    expect(Object.keys(test?.extra as object)).not.toContain('downtime_ms');
    expect(test?.extra).toMatchObject({ lost: 2, image_bytes: 14_897_618 });
  });

  it('names the system only where both hosts have the same', () => {
    const record = passingRecord();
    expect(parse(record).environment).toMatchObject({ osRelease: '6.18.5' });
    const [one, other] = record.head.hosts;
    if (one === undefined || other === undefined) throw new Error('the fixture has two hosts');
    const head = { ...record.head, hosts: [one, { ...other, kernel: '5.14.0' }] };
    const { environment } = parse({ ...record, head });
    expect(environment).not.toHaveProperty('osRelease');
    expect(environment).toMatchObject({ extra: { hosts: [{ kernel: '6.18.5' }, { kernel: '5.14.0' }] } });
  });
});
