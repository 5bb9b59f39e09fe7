import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { againOf, differencesOf, judge, rateOf, reproResult } from '../../harness/analysis/repro/result.ts';
import { symptomsOf } from '../../harness/analysis/repro/symptoms.ts';
import type { Diagnosis, MigrationResult, RunRecord } from '../../harness/model.ts';
import { passingRecord } from '../report/fixture.ts';

const DIAGNOSIS: Diagnosis = {
  failure: 'file-lock',
  line: null,
  cause: '',
  here: [],
  remedy: null,
  sources: [],
  context: [],
};

function failing(diagnosis: Diagnosis | null, error = 'checkpoint failed', count = 1): RunRecord {
  const record = passingRecord();
  const migrations = record.migrations.map(
    (one, i): MigrationResult =>
      i >= count
        ? one
        : {
            ...one,
            diagnosis,
            outcome: { state: 'failed', phase: 'dump', survivor: 'rhel01', rolledBack: false, error },
          },
  );
  const verdicts = record.verdicts.map((one) =>
    one.check === 'failed migrations' ? { ...one, state: 'fail' as const } : one,
  );
  return { ...record, migrations, verdicts };
}

const unknownLine = (text: string): Diagnosis => ({
  ...DIAGNOSIS,
  failure: null,
  line: { log: 'dump.log', number: 3, text, place: null },
});

describe('how a run failed', () => {
  test('a run that passed has no symptom', () => {
    expect(symptomsOf(passingRecord())).toEqual([]);
  });

  test('failures of a kind are one symptom, and failed migrations are not told twice', () => {
    expect(symptomsOf(failing(DIAGNOSIS, 'x', 3))).toEqual(['dump failed: file-lock']);
  });

  test('an unknown failure is known again by its line, whatever its numbers', () => {
    const [first] = symptomsOf(
      failing(unknownLine('(00.018433) Error (criu/files.c:1): odd file 0xdeadbeef of 214')),
    );
    const [second] = symptomsOf(
      failing(unknownLine('(00.091) Error (criu/files.c:1): odd file 0xcafe of 98')),
    );
    expect(first).toBe('dump failed: Error (criu/files.c:N): odd file N of N');
    expect(second).toBe(first);
    const [other] = symptomsOf(failing(unknownLine('(00.091) Error (criu/mem.c:1): odd page 0xcafe of 98')));
    expect(other).not.toBe(first);
  });

  test('without a log it is what the command said first; a check that failed is told by its name', () => {
    expect(symptomsOf(failing(null, 'no end within 60 s\nmore'))).toEqual(['dump failed: no end within N s']);
    const record = passingRecord();
    const verdicts = [{ check: 'split brain', state: 'fail' as const, why: '' }];
    expect(symptomsOf({ ...record, verdicts })).toEqual(['check: split brain']);
  });

  test('a run that ended before it migrated is told by the reason', () => {
    const record = passingRecord();
    const tail = {
      ...(record.tail as NonNullable<RunRecord['tail']>),
      state: 'failed' as const,
      reason: 'no answer',
    };
    expect(symptomsOf({ ...record, outcome: 'failed', migrations: [], tail })).toEqual([
      'the run ended: no answer',
    ]);
  });
});

describe('whether it failed again', () => {
  const before = ['dump failed: file-lock'];

  test.each([
    ['the same failure', failing(DIAGNOSIS), 'reproduced'],
    ['another failure', failing({ ...DIAGNOSIS, failure: 'inotify-handle' }), 'other'],
    ['none', passingRecord(), 'passed'],
    ['a run that was cut short', { ...passingRecord(), outcome: 'interrupted' as const }, 'unknown'],
    ['a run that was skipped', { ...passingRecord(), outcome: 'skipped' as const }, 'unknown'],
  ])('%s', (_, record, state) => {
    expect(judge(before, record)).toBe(state);
  });

  test('a run that had passed is reproduced by one that passes', () => {
    expect(judge([], passingRecord())).toBe('reproduced');
    expect(judge([], failing(DIAGNOSIS))).toBe('other');
  });

  test('one run that fails so is enough, and unknown ones count in no share', () => {
    const again = [passingRecord(), failing(DIAGNOSIS, 'x', 2)].map((record) =>
      againOf(before, record, '/r'),
    );
    const unknown = {
      state: 'unknown' as const,
      symptoms: [],
      run: null,
      error: 'no',
      migrations: 0,
      failed: 0,
    };
    const result = reproResult(
      { run: '/b', symptoms: before, wanted: 3, stoppedAtFirst: false },
      [...again, unknown],
      [],
    );
    expect(result.state).toBe('reproduced');
    expect(result.runs).toMatchObject({ of: 2, failed: 1 });
    expect(result.migrations).toMatchObject({ of: 22, failed: 2 });
    expect(reproResult(result, [unknown], [])).toMatchObject({
      state: 'unknown',
      runs: { of: 0, share: null },
    });
  });

  test('of a run that had passed, the share is of those that fail in any way', () => {
    const again = [passingRecord(), failing(DIAGNOSIS)].map((record) => againOf([], record, '/r'));
    const result = reproResult({ run: '/b', symptoms: [], wanted: 2, stoppedAtFirst: false }, again, []);
    expect(result.runs).toMatchObject({ of: 2, failed: 1 });
  });

  test('what differs between the hosts is told', () => {
    const now = structuredClone(passingRecord());
    expect(differencesOf(passingRecord(), now)).toEqual([]);
    const [first] = now.head.hosts;
    if (first === undefined) throw new Error('no host');
    first.toolchain.criu = '9.9';
    expect(differencesOf(passingRecord(), now)).toEqual([
      `${first.name}: CRIU was ${passingRecord().head.hosts[0]?.toolchain.criu}, is 9.9`,
    ]);
  });
});

describe("Wilson's interval", () => {
  // Newcombe, Two-sided confidence intervals for the single proportion, 1998, table I (method 3).
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('%i of %i', (failed, of, low, high) => {
    const { share } = rateOf(of, failed);
    expect(share?.[0]).toBeCloseTo(low, 4);
    expect(share?.[1]).toBeCloseTo(high, 4);
  });

  test('holds the share, within 0 and 1', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (of, share) => {
          const failed = Math.round(of * share);
          const [low, high] = rateOf(of, failed).share as [number, number];
          expect(low).toBeGreaterThanOrEqual(0);
          expect(high).toBeLessThanOrEqual(1);
          expect(low - 1e-12).toBeLessThanOrEqual(failed / of);
          expect(high + 1e-12).toBeGreaterThanOrEqual(failed / of);
        },
      ),
    );
  });
});
