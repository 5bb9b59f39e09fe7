import { expect, test } from 'vitest';
import { releasedVersions } from '../../../harness/analysis/bisect/released.ts';
import { bisectResult } from '../../../harness/analysis/bisect/result.ts';
import { judgeRun } from '../../../harness/analysis/bisect/trial.ts';
import { bisectOf, bisectPlan, skippedResult, trialOf } from '../../report/bisect/fixture.ts';
import { emptyRecord, failed, migrationOf, passingRecord } from '../../report/fixture.ts';

test('evidence is the version next to the change on each side, with a run that shows it', () => {
  const { before, after, state, suspects } = skippedResult();
  expect(state).toBe('skips');
  expect(suspects.map(({ index }) => index)).toEqual([3, 4]);
  expect([before?.version.index, before?.trial.state]).toEqual([2, 'pass']);
  expect([after?.version.index, after?.trial.state]).toEqual([4, 'fail']);
});

test('where the good end is the newer, the first fixed is found', () => {
  const { state, suspects, good, bad, before, after } = bisectOf();
  expect([state, suspects[0]?.name, good, bad]).toEqual([
    'found',
    'debian:forky',
    'debian:forky',
    'debian:bookworm',
  ]);
  expect([before?.version.name, before?.trial.state]).toEqual(['debian:trixie', 'fail']);
  expect([after?.version.name, after?.trial.state]).toEqual(['debian:forky', 'pass']);
});

test('an end that is not as was said has no range', () => {
  const wrong = [5, 5, 0, 0].map((version) => trialOf(version, 'fail'));
  const { state, range, end } = bisectResult(bisectPlan(), wrong);
  expect([state, range, end?.version.index, end?.why]).toEqual(['end', null, 0, 'fails']);
});

test('released versions lie between both ends, whichever is the newer', () => {
  const of = (good: string, bad: string) =>
    releasedVersions({ good, bad, versions: ['a', 'b', 'c', 'd'], part: 'criu' }, []);
  expect(of('b', 'd').versions.map(({ change }) => change)).toEqual([
    { criu: 'b' },
    { criu: 'c' },
    { criu: 'd' },
  ]);
  expect([of('b', 'd').direction, of('d', 'a').direction]).toEqual(['first-bad', 'first-fixed']);
  const suites = releasedVersions(
    { good: 'debian:forky', bad: 'debian:trixie', versions: null, part: null },
    ['bookworm', 'trixie', 'forky'],
  );
  expect(suites.versions.map(({ change }) => change)).toEqual([
    { toolchain: 'debian:trixie' },
    { toolchain: 'debian:forky' },
  ]);
});

test('an end that is not in the list, the same twice, and a list with one twice are refused', () => {
  const of = (good: string, bad: string, versions = ['one', 'two']) =>
    releasedVersions({ good, bad, versions, part: null }, []);
  expect(() => of('ones', 'two')).toThrow('--good: ones is not among the versions; did you mean `one`?');
  expect(() => of('one', 'one')).toThrow('both one');
  expect(() => of('one', 'two', ['one', 'two', 'one'])).toThrow('one twice');
});

test('a run passes, fails, or cannot tell', () => {
  const record = passingRecord();
  expect(judgeRun(record, null)).toMatchObject({ state: 'pass', symptoms: [], cause: null });
  const broken = { ...record, migrations: [failed(migrationOf(0))] };
  expect(judgeRun(broken, null)).toMatchObject({ state: 'fail' });
  const name = broken.migrations[0]?.diagnosis?.failure as string;
  expect(judgeRun(broken, name).state).toBe('fail');
  expect(judgeRun(broken, 'another')).toMatchObject({
    state: 'unknown',
    because: expect.stringContaining('failed, but not by another'),
  });
  expect(judgeRun(emptyRecord(), null).state).toBe('unknown');
  const lacking = { state: 'unknown' as const, check: 'downtime', because: 'no data' };
  const unsure = { ...record, verdict: 'unknown' as const, verdicts: [{ ...lacking, detail: null }] };
  expect(judgeRun(unsure as never, null)).toMatchObject({
    state: 'unknown',
    because: 'checks without data: downtime',
  });
});
