import { describe, expect, test } from 'vitest';
import { nextStep, type SearchPlan, type Seen } from '../../../harness/analysis/bisect/step.ts';

describe('both ends are looked at first', () => {
  const plan: SearchPlan = { versions: 9, side: 'after', confidence: 0.95, runs: 100 };
  const at = (version: number, ...states: Seen[]) => states.map((state) => ({ version, state }));

  test('the failing one until it has failed twice, then the other', () => {
    expect(nextStep(plan, [])).toMatchObject({ kind: 'run', version: 8 });
    expect(nextStep(plan, at(8, 'fail'))).toMatchObject({ kind: 'run', version: 8 });
    expect(nextStep(plan, at(8, 'fail', 'fail'))).toMatchObject({ kind: 'run', version: 0 });
    expect(nextStep({ ...plan, side: 'before' }, [])).toMatchObject({ kind: 'run', version: 0 });
  });

  test('an end that is not as was said ends it', () => {
    const passes = Array.from({ length: 10 }, (): Seen => 'pass');
    expect(nextStep(plan, at(8, ...passes))).toEqual({ kind: 'end', version: 8, why: 'passes' });
    const wrong = [...at(8, 'fail', 'fail'), ...at(0, 'fail', 'fail')];
    expect(nextStep(plan, wrong)).toEqual({ kind: 'end', version: 0, why: 'fails' });
    expect(nextStep(plan, at(8, 'unbuildable'))).toEqual({ kind: 'end', version: 8, why: 'cannot tell' });
  });

  test('one failure of the passing end is looked at again', () => {
    const once = [...at(8, 'fail', 'fail'), ...at(0, 'fail')];
    expect(nextStep(plan, once)).toMatchObject({ kind: 'run', version: 0 });
    expect(nextStep(plan, [...once, ...at(0, 'pass', 'pass')])).toMatchObject({ kind: 'run', version: 4 });
  });
});

test('a version is skipped after two runs that cannot tell, and not after one', () => {
  const plan: SearchPlan = { versions: 3, side: 'after', confidence: 0.95, runs: 100 };
  const ends = [
    { version: 2, state: 'fail' as const },
    { version: 2, state: 'fail' as const },
    { version: 0, state: 'pass' as const },
  ];
  const unknown = { version: 1, state: 'unknown' as const };
  expect(nextStep(plan, [...ends, unknown])).toMatchObject({ kind: 'run', version: 1 });
  expect(nextStep(plan, [...ends, unknown, unknown])).toMatchObject({
    kind: 'skips',
    range: { from: 1, to: 2 },
  });
});

test('it ends when no more runs are allowed, and says what is left', () => {
  const plan: SearchPlan = { versions: 40, side: 'after', confidence: 0.95, runs: 5 };
  const seen: { version: number; state: Seen }[] = [];
  let step = nextStep(plan, seen);
  for (; step.kind === 'run'; step = nextStep(plan, seen)) {
    seen.push({ version: step.version, state: step.version >= 7 ? 'fail' : 'pass' });
  }
  expect([step.kind, seen.length]).toEqual(['runs', 5]);
  expect(step).toMatchObject({ range: { from: expect.toSatisfy((n: number) => n <= 7) } });
  expect(step).toMatchObject({ range: { to: expect.toSatisfy((n: number) => n >= 7) } });
});
