import { describe, expect, test } from 'vitest';
import type { PlannedCell } from '../../../harness/analysis/suite/plan.ts';
import {
  type AttemptWithRecord,
  earlierOf,
  isSettled,
  mergeResults,
  type SuiteResult,
  suiteResult,
} from '../../../harness/analysis/suite/result.ts';
import { attemptAt, failedBy, passing, skipping, suiteOf, suitePlan } from '../../report/suite/fixture.ts';

const ID = 'httpd[runtime=runc]';
const base = suitePlan().cells[0] as PlannedCell;
const fails = {
  kind: 'fail' as const,
  failure: 'file-lock',
  until: '2027-01-01',
  why: 'known',
  link: null,
};
const skips = { kind: 'skip' as const, why: 'known', link: null };

function resultOf(
  attempts: AttemptWithRecord[],
  { expect = null, repeat = 1 }: { expect?: PlannedCell['expect']; repeat?: number } = {},
): SuiteResult {
  return suiteResult(suitePlan({ cells: [{ ...base, expect }], repeat }), [ID], null, attempts);
}

function stateOf(...given: Parameters<typeof resultOf>) {
  const { cells, verdict } = resultOf(...given);
  return [cells[0]?.state, verdict];
}

describe('the state of a cell', () => {
  test.each([
    ['passed', passing(), null, 'pass', 'pass'],
    ['failed', failedBy('file-lock'), null, 'fail', 'fail'],
    ['was skipped', skipping(), null, 'skipped', 'unknown'],
    ['did not begin', null, null, 'unknown', 'unknown'],
    ['lacks data', { ...passing(), verdict: 'unknown' as const }, null, 'unknown', 'unknown'],
    ['was interrupted', { ...passing(), outcome: 'interrupted' as const }, null, 'unknown', 'unknown'],
    ['failed as expected', failedBy('file-lock'), fails, 'expected', 'pass'],
    ['failed in another way', failedBy('connected-socket'), fails, 'fail', 'fail'],
    ['failed in a way that nobody knows', failedBy(null), fails, 'fail', 'fail'],
    ['passed against what is expected', passing(), fails, 'unexpected-pass', 'fail'],
    ['was skipped where it should fail', skipping(), fails, 'skipped', 'unknown'],
    ['did not begin where it should fail', null, fails, 'unknown', 'unknown'],
    [
      'failed a check without a failed migration',
      { ...passing(), verdict: 'fail' as const },
      fails,
      'fail',
      'fail',
    ],
    ['was skipped as expected', skipping(), skips, 'expected', 'pass'],
    ['ran where it should be skipped', passing(), skips, 'unexpected-pass', 'fail'],
    ['failed where it should be skipped', failedBy('file-lock'), skips, 'fail', 'fail'],
  ])('%s', (_, record, expected, state, verdict) => {
    expect(stateOf([attemptAt(ID, record)], { expect: expected })).toEqual([state, verdict]);
  });

  test('one that passed at the second try is flaky, and never passed', () => {
    const tries = [attemptAt(ID, failedBy(null)), attemptAt(ID, passing(), { attempt: 2 })];
    expect(stateOf(tries)).toEqual(['flaky', 'unknown']);
  });

  test('one that was not run is told so', () => {
    expect(stateOf([])).toEqual(['not-run', 'unknown']);
  });

  test('of several runs the worst counts, and it is told how many they were', () => {
    const runs = [1, 2, 3].map((repeat) =>
      attemptAt(ID, repeat === 2 ? failedBy(null) : passing(), { repeat }),
    );
    const [cell] = resultOf(runs, { repeat: 3 }).cells;
    expect([cell?.state, cell?.because]).toEqual(['fail', '1 of 3 runs: a check failed']);
  });

  test('a repeat that is missing is not taken for passed', () => {
    expect(stateOf([attemptAt(ID, passing())], { repeat: 2 })).toEqual(['not-run', 'unknown']);
  });

  test('the figures are those of the try that counts', () => {
    const tries = [attemptAt(ID, failedBy(null)), attemptAt(ID, passing(), { attempt: 2 })];
    expect(resultOf(tries).cells[0]).toMatchObject({ runs: 1, failed: 0 });
  });
});

test('what failed or is unknown is tried again, and nothing else', () => {
  const settled = (record: Parameters<typeof attemptAt>[1], cell: PlannedCell = base) =>
    isSettled(cell, attemptAt(ID, record));
  expect([passing(), skipping(), failedBy(null), null].map((record) => settled(record))).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(settled(failedBy('file-lock'), { ...base, expect: fails })).toBe(true);
});

test('the next time knows what passed, and what each took with its tries', () => {
  expect(earlierOf([suiteOf()]).map(({ id, passed, seconds }) => [id, passed, seconds])).toEqual([
    ['httpd[runtime=runc]', true, [12.5]],
    ['httpd[runtime=crun]', false, [25]],
    ['counter[runtime=runc]', true, [12.5]],
    ['counter[runtime=crun]', true, [12.5]],
    ['nginx[runtime=runc]', false, [12.5]],
    ['nginx[runtime=crun]', false, [12.5]],
  ]);
});

describe('merging', () => {
  const plan = suitePlan();
  const shardWith = (index: number, ...cells: number[]): { file: string; result: SuiteResult } => {
    const own = cells.map((cell) => (plan.cells[cell] as PlannedCell).id);
    const attempts = own.map((id) => attemptAt(id, passing()));
    return { file: `shard-${index}.json`, result: suiteResult(plan, own, { index, of: 2 }, attempts) };
  };

  test('the order is that of the plan, and what no shard has run is not run', () => {
    const merged = mergeResults([shardWith(2, 1, 4), shardWith(1, 0, 5)]);
    expect(merged.cells.map(({ id, state }) => [id, state])).toEqual([
      ['httpd[runtime=runc]', 'pass'],
      ['httpd[runtime=crun]', 'pass'],
      ['counter[runtime=runc]', 'not-run'],
      ['counter[runtime=crun]', 'not-run'],
      ['nginx[runtime=runc]', 'pass'],
      ['nginx[runtime=crun]', 'pass'],
    ]);
    expect([merged.verdict, merged.shard]).toEqual(['unknown', null]);
  });

  test('the order of the files does not matter', () => {
    const [a, b] = [shardWith(1, 0, 1, 2), shardWith(2, 3, 4, 5)];
    expect(mergeResults([a, b])).toEqual(mergeResults([b, a]));
  });

  test('a cell that two shards have run is refused', () => {
    expect(() => mergeResults([shardWith(1, 0, 1), shardWith(2, 1)])).toThrow(
      'httpd[runtime=crun] was run in shard-1.json and in shard-2.json',
    );
  });

  test('shards of different plans, and of different suites, are refused', () => {
    const one = shardWith(1, 0);
    const changed = (changes: Partial<SuiteResult>) => ({
      file: 'other.json',
      result: { ...shardWith(2, 1).result, ...changes },
    });
    expect(() => mergeResults([one, changed({ digest: 'ffff' })])).toThrow(
      'shard-1.json and other.json are of different plans of runtimes',
    );
    expect(() => mergeResults([one, changed({ name: 'others' })])).toThrow(
      'shard-1.json is of the suite runtimes, and other.json of others',
    );
  });
});
