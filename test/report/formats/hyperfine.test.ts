import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { RunRecord } from '../../../harness/model.ts';
import { hyperfineJson } from '../../../harness/report/formats/hyperfine.ts';
import { failingRecord, passingRecord } from '../fixture.ts';
import { RECORDS } from './names.ts';

/** What hyperfine 1.20 writes, by its BenchmarkResult, and what Bencher's reader of it demands. */
const seconds = z.number().finite();
const hyperfine = z.object({
  results: z.array(
    z
      .object({
        command: z.string().min(1),
        mean: seconds,
        stddev: seconds.nonnegative().nullable(),
        median: seconds,
        user: seconds,
        system: seconds,
        min: seconds,
        max: seconds,
        times: z.array(seconds).min(1),
        exit_codes: z.array(z.number().int().nullable()),
      })
      .refine(({ times, exit_codes }) => times.length === exit_codes.length)
      .refine(({ times, min, max }) => Math.min(...times) === min && Math.max(...times) === max),
  ),
});

const parse = (record: RunRecord) => hyperfine.parse(JSON.parse(hyperfineJson(record))).results;
const found = (record: RunRecord, command: string) => parse(record).find((one) => one.command === command);

describe("a run in hyperfine's shape", () => {
  it.each(Object.entries(RECORDS))('has what hyperfine has: %s', (_, record) => {
    expect(() => parse(record)).not.toThrow();
  });

  it('has the keys that hyperfine itself writes, and one more that says what nobody measured', () => {
    const written: unknown = JSON.parse(
      readFileSync(new URL('schema/hyperfine-1.15.json', import.meta.url), 'utf8'),
    );
    const [theirs] = hyperfine.parse(written).results;
    const [ours] = (JSON.parse(hyperfineJson(passingRecord())) as { results: object[] }).results;
    expect(Object.keys(ours ?? {}).filter((key) => key !== 'unknown')).toEqual(Object.keys(theirs ?? {}));
  });

  it('has the times of each measured migration, in seconds and in their order', () => {
    const one = found(passingRecord(), 'httpd: frozen window');
    expect(one?.times).toEqual([
      0.31241, 0.21822, 0.30975, 0.31608, 0.22167, 0.31455, 0.31102, 0.34013, 0.3133, 0.31084,
    ]);
    expect(one).toMatchObject({ mean: 0.296797, median: 0.311715, min: 0.21822, max: 0.34013 });
    expect(one?.stddev).toBeCloseTo(0.041455, 6);
  });

  it('has what is a time and nothing else', () => {
    expect(parse(passingRecord()).map(({ command }) => command)).toEqual([
      'httpd: frozen window',
      'httpd: downtime',
      'httpd: gap',
      'httpd: recovery',
      'httpd: frozen_time',
    ]);
  });

  it('tells of each time whether its migration completed', () => {
    const record = failingRecord();
    expect(found(record, 'httpd: frozen_time')?.exit_codes).toEqual([0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    expect(found(record, 'httpd: downtime')?.exit_codes).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('has no deviation of a single time, and no measurement that is unknown', () => {
    const record = passingRecord();
    const distributions = record.distributions.map((one) =>
      one.measurement === 'gap'
        ? { ...one, values: [4], min: 4, median: 4, max: 4 }
        : { ...one, values: [], min: null, median: null, max: null },
    );
    const results = parse({ ...record, distributions });
    expect(results.map(({ command, stddev }) => [command, stddev])).toEqual([['httpd: gap', null]]);
  });

  it('says beside them that nobody measured the times of the processor', () => {
    const { results } = JSON.parse(hyperfineJson(passingRecord())) as { results: object[] };
    for (const one of results) expect(one).toMatchObject({ user: 0, system: 0, unknown: ['user', 'system'] });
  });
});
