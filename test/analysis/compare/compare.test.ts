import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { type CompareOptions, compare } from '../../../harness/analysis/compare/compare.ts';
import {
  type Comparison,
  comparisonJsonSchema,
  comparisonSchema,
} from '../../../harness/analysis/compare/comparison.ts';
import { mulberry32 } from '../../../harness/analysis/statistics.ts';
import { UsageError } from '../../../harness/errors.ts';
import type { RunRecord, Scenario } from '../../../harness/model.ts';
import { comparisonOf, flaggedComparison, OPTIONS } from '../../report/comparison/fixture.ts';
import { type Drawn, draw, recordOf } from './fixture.ts';

const run = (id: string, given: Partial<Drawn> & { count?: number } = {}): RunRecord =>
  recordOf({ id, picks: draw(given.count ?? 30, mulberry32(id.length)), ...given });
const changed = (record: RunRecord, change: Partial<Scenario>): RunRecord => ({
  ...record,
  head: { ...record.head, scenario: { ...record.head.scenario, ...change } },
});
const on = (record: RunRecord, host: Partial<RunRecord['head']['hosts'][number]>): RunRecord => ({
  ...record,
  head: { ...record.head, hosts: record.head.hosts.map((one) => ({ ...one, ...host })) },
});
const compared = (
  base: RunRecord[],
  candidate: RunRecord[],
  options: Partial<CompareOptions> = {},
): Comparison => compare({ base, candidate }, { ...OPTIONS, ...options });
const verdicts = ({ cells }: Comparison) =>
  Object.fromEntries(
    (cells[0]?.measurements ?? []).map(({ measurement, verdict }) => [measurement, verdict]),
  );
const refusal = (act: () => unknown): UsageError => {
  try {
    act();
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('it was not refused');
};

describe('a comparison', () => {
  it('finds what became slower, and nothing else', () => {
    const found = comparisonOf({ slowdown: 1.2 });
    expect(found.verdict).toBe('regressed');
    expect(verdicts(found)).toEqual({
      'frozen-window': 'regressed',
      downtime: 'regressed',
      lost: 'regressed',
      frozen_time: 'regressed',
      restore_time: 'regressed',
      'image-bytes': 'no difference shown',
    });
  });

  it('holds the true change in its interval, and finds the same the other way round', () => {
    const change = comparisonOf({ slowdown: 1.2 }).cells[0]?.measurements[0]?.change;
    expect(change?.low).toBeLessThan(0.2);
    expect(change?.high).toBeGreaterThan(0.2);
    expect(comparisonOf({ slowdown: 0.7 }).verdict).toBe('improved');
  });

  it('calls a significant change that is no larger than the threshold no difference', () => {
    const found = comparisonOf({ slowdown: 1.2 }, { threshold: 0.5 });
    expect(found.verdict).toBe('no difference shown');
    expect(found.cells[0]?.measurements[0]?.why).toBe('significant, but a change of no more than 50 %');
  });

  it('counts failed migrations', () => {
    const found = comparisonOf({ failures: 12 });
    expect(found.verdict).toBe('regressed');
    expect(found.cells[0]?.failures).toMatchObject({
      base: { failed: 0, migrations: 30 },
      candidate: { failed: 12, migrations: 42 },
      change: null,
      verdict: 'regressed',
    });
  });

  it('says how many migrations are needed where there are too few, and that many are enough', () => {
    const [few, enough] = [4, 5].map((count) => compared([run('a', { count })], [run('bb', { count })]));
    expect(few?.verdict).toBe('unknown');
    expect(few?.cells[0]?.measurements[0]?.why).toBe('too few migrations: 5 are needed on each side');
    expect(enough?.verdict).toBe('no difference shown');
  });

  it('leaves comparisons out of the correction that could not have been called', () => {
    expect(compared([run('a')], [run('bb')]).comparisons).toBe(6);
    expect(compared([run('a')], [run('bb', { failures: 1 })]).comparisons).toBe(7);
  });

  it('compares what is asked for', () => {
    const names = (measurements: string[]) =>
      Object.keys(verdicts(compared([run('a')], [run('bb')], { measurements })));
    expect(names(['downtime', 'freezing_time', 'downtime'])).toEqual(['downtime', 'freezing_time']);
    expect(names(['all'])).toHaveLength(7);
    expect(refusal(() => names(['downtme'])).message).toBe(
      '--measurement: downtme was not measured; did you mean `downtime`?',
    );
  });

  it('is unknown where a side has no value, and where a scenario has no counterpart', () => {
    const blind = run('bb');
    const distributions = blind.distributions.map((one) =>
      one.measurement === 'downtime'
        ? { ...one, values: [], unknown: [{ number: 1, why: 'nobody asked' }] }
        : one,
    );
    const found = compared([run('a')], [{ ...blind, distributions }]);
    expect(verdicts(found)).toMatchObject({ downtime: 'unknown', lost: 'no difference shown' });
    expect(found.cells[0]?.measurements[1]?.why).toBe('not known of the candidate: nobody asked');
    const alone = compared([run('a')], [run('bb'), changed(run('ccc'), { name: 'alone' })]);
    expect(alone.cells.map(({ scenario, verdict }) => [scenario, verdict])).toEqual([
      ['httpd', 'no difference shown'],
      ['alone', 'unknown'],
    ]);
  });

  it('is the same for the same runs, in whatever order', () => {
    const runs = [run('a'), run('bb', { slowdown: 1.1 })];
    const [there, back] = [runs, runs.toReversed()].map((base) => compared(base, [run('ccc')]));
    expect(there?.cells[0]?.measurements).toEqual(back?.cells[0]?.measurements);
  });
});

describe('several runs on each side', () => {
  const runs = (slowdowns: number[], side: string) =>
    slowdowns.map((slowdown, index) => run(`${side}${'x'.repeat(index)}`, { slowdown, count: 60 }));

  it('do not make a machine that was busier during one of them a regression', () => {
    const found = compared(runs([1, 1.02], 'a'), runs([1.05, 1.5], 'candidate'));
    const window = found.cells[0]?.measurements[0];
    expect(window?.pAdjusted).toBeLessThan(0.05);
    expect(window?.change?.estimate).toBeGreaterThan(0.05);
    expect(window?.changeByRuns).toBeGreaterThan(window?.change?.estimate as number);
    expect(window?.why).toMatch(/^significant, but the difference between runs of one side explains up to /);
    expect(found.verdict).toBe('no difference shown');
  });

  it('show a regression that all of them have', () => {
    const found = compared(runs([1, 1.01, 1.02], 'a'), runs([1.4, 1.41, 1.42], 'candidate'));
    expect(verdicts(found)).toMatchObject({ 'frozen-window': 'regressed', downtime: 'regressed' });
    expect(comparisonOf().cells[0]?.measurements[0]?.changeByRuns).toBeNull();
  });
});

describe('notes', () => {
  const notes = (base: RunRecord[], candidate: RunRecord[]) => compared(base, candidate).cells[0]?.notes;

  it('tell of a single run on each side, and of one that was not finished', () => {
    const broken = { ...run('bb', { count: 8 }), outcome: 'interrupted' as const };
    expect(notes([run('a')], [broken])).toEqual([
      'bb: interrupted after 8 of 10 migrations',
      'one run on each side: a machine that became busier between them looks like a difference; run both in turns',
    ]);
  });
});

describe('environments', () => {
  const base = run('a');
  const { migration, probe, testbed } = base.head.scenario;

  it.each([
    ['kernel', on(run('bb'), { kernel: '6.2' }), 'kernel: 6.18.5 against 6.2'],
    ['CPU', on(run('bb'), { cpu: '486' }), 'CPU: .+ against 486 \\(x86_64\\)'],
    ['probe', changed(run('bb'), { probe: { ...probe, ratePerSecond: 50 } }), 'scenario.probe.ratePerSecond'],
    [
      'testbed',
      changed(run('bb'), { testbed: { ...testbed, kind: 'vagrant' } as never }),
      'scenario.testbed.kind',
    ],
    ['scenario', changed(run('bb'), { name: 'other' }), 'scenario: httpd against other'],
  ])('that differ are refused: %s', (_, candidate, what) => {
    const { message, next, exitCode } = refusal(() => compared([base], [candidate]));
    expect(message).toMatch(
      new RegExp(`^base and candidate differ in more than their toolchains:\n.*${what}`),
    );
    expect([next, exitCode]).toEqual([
      'compare runs of one environment, or say --allow-differences, and the result is flagged',
      64,
    ]);
    const flagged = compared([base], [candidate], { allowDifferences: true });
    expect(flagged.cells[0]?.differences).not.toEqual([]);
    expect(flagged.cells[0]?.measurements).not.toEqual([]);
  });

  it('do not differ by versions of runc and CRIU, the seed, the number of migrations or the checks', () => {
    const [host] = base.head.hosts;
    const toolchain = {
      ...host?.toolchain,
      name: 'path:/new',
      runtime: { name: 'runc', version: '9.9' },
      criu: '5.0',
    } as never;
    const other = changed(on(run('bb'), { toolchain }), {
      seed: 99,
      toolchain: {},
      // As in a sweep over toolchains, which interleaves their runs.
      cell: { toolchain: 'path:/new' },
      migration: { ...migration, count: 50, warmUp: 0 },
      checks: { ...base.head.scenario.checks, noSplitBrain: false },
    });
    const [cell] = compared([base], [other]).cells;
    expect(cell?.differences).toEqual([]);
    expect(cell?.candidate.toolchains).toEqual(['runc 9.9, CRIU 5.0 (path:/new)']);
  });

  it('refuse two toolchains on one side, and a run that is given twice', () => {
    const [host] = base.head.hosts;
    const toolchain = { ...host?.toolchain, criu: '5.0' } as never;
    expect(refusal(() => compared([base, on(run('bb'), { toolchain })], [run('ccc')])).message).toContain(
      'toolchains on one side',
    );
    expect(refusal(() => compared([base], [base])).message).toBe('the run a of httpd is given twice');
  });
});

describe('schema/comparison.schema.json', () => {
  const published = readFileSync(new URL('../../../schema/comparison.schema.json', import.meta.url), 'utf8');
  const comparisons = [comparisonOf({ slowdown: 1.2 }), flaggedComparison((text) => text)];

  it('is current; `npm run generate` writes it', () => {
    expect(published).toBe(`${JSON.stringify(comparisonJsonSchema(), null, 2)}\n`);
  });

  it('takes what is found, after it was printed, by two validators', () => {
    const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(JSON.parse(published));
    for (const comparison of comparisons) {
      const printed = JSON.parse(JSON.stringify(comparison));
      expect(comparisonSchema.parse(printed)).toEqual(comparison);
      expect([validate(printed), validate.errors]).toEqual([true, null]);
    }
    expect(validate({ ...comparisons[0], more: 1 })).toBe(false);
  });
});
