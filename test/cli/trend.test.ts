import { describe, expect, it } from 'vitest';
import { execute } from '../../harness/cli/execute.ts';
import { UsageError } from '../../harness/errors.ts';
import { trendCsv } from '../../harness/report/formats/trend-csv.ts';
import { renderTrend } from '../../harness/report/trend/summary.ts';
import { OPTIONS } from '../analysis/trend/fixture.ts';
import { passingRecord } from '../report/fixture.ts';
import { trendFound } from '../report/trend/fixture.ts';
import { fakeContext } from './fake-context.ts';

describe('thaw trend', () => {
  it('shows what it found, for anyone on any system, and ends with 0 whatever that is', async () => {
    const fake = fakeContext(['trend', 'h'], { uid: 1000, platform: 'darwin' });
    expect(await execute(fake.context)).toBe(0);
    expect(fake.calls).toEqual([['trend', 'h', OPTIONS]]);
    expect([fake.out(), fake.err()]).toEqual([renderTrend(trendFound(), { width: 80, colour: false }), '']);
  });

  it('adds runs first, and says how many', async () => {
    const fake = fakeContext(['trend', 'h', '--add', 'a', 'b']);
    await execute(fake.context);
    expect(fake.calls).toEqual([
      ['add to history', 'h', ['a', 'b']],
      ['trend', 'h', OPTIONS],
    ]);
    expect(fake.err()).toBe('added 2 to the history, 0 already there\n');
  });

  it('takes what decides', async () => {
    const argv = 'trend h --scenario httpd --measurement lost --threshold 10% --alpha 0.01';
    const fake = fakeContext(argv.split(' '));
    await execute(fake.context);
    const options = { scenario: 'httpd', measurements: ['lost'], threshold: 0.1, alpha: 0.01 };
    expect(fake.calls).toEqual([['trend', 'h', options]]);
  });

  it.each([
    ['regressed', 1],
    ['improved', 0],
    ['no difference shown', 0],
    ['unknown', 0],
  ] as const)('ends with --gate where it is %s with %i', async (verdict, code) => {
    const trendOf = async () => ({ ...trendFound(), verdict });
    const fake = fakeContext(['trend', 'h', '--gate'], { actions: { trendOf } });
    expect(await execute(fake.context)).toBe(code);
  });

  it('prints the trend and nothing else with --json, and writes CSV', async () => {
    const fake = fakeContext(['trend', 'h', '--json', '--csv', 'h.csv']);
    await execute(fake.context);
    expect(JSON.parse(fake.out())).toEqual(trendFound());
    expect(fake.calls.slice(1)).toEqual([['write', 'h.csv', trendCsv(trendFound())]]);
  });

  it('ends with 64 where the file is no history', async () => {
    const trendOf = async () => {
      throw new UsageError('h:1 is no line of a history');
    };
    const fake = fakeContext(['trend', 'h'], { actions: { trendOf } });
    expect([await execute(fake.context), fake.out()]).toEqual([64, '']);
  });
});

describe('thaw run --history', () => {
  const steps = (calls: unknown[]): unknown[] =>
    (calls as unknown[][]).map(([what, ...rest]) => (what === 'add to history' ? [what, ...rest] : what));

  it('sees to the file before it runs anything, and adds each run as soon as it has ended', async () => {
    const records = [passingRecord(), passingRecord()];
    const fake = fakeContext(['run', 'a.yaml', 'b.yaml', '--history', 'h'], { records });
    expect(await execute(fake.context)).toBe(0);
    const added = ['add to history', 'h', [`${process.cwd()}/reports/httpd/1`]];
    expect(steps(fake.calls)).toEqual([
      'load',
      'load',
      ['add to history', 'h', []],
      'run',
      added,
      'run',
      added,
    ]);
  });

  it('adds the runs of both sides with --against', async () => {
    const fake = fakeContext(['run', 'a.yaml', '--history', 'h', '--against', 'host']);
    await execute(fake.context);
    expect(steps(fake.calls)).toEqual([
      'load',
      'load',
      ['add to history', 'h', []],
      'against',
      ['add to history', 'h', ['/r/1', '/r/4', '/r/2', '/r/3']],
      'compare',
    ]);
  });

  it('runs nothing where the history cannot be written', async () => {
    const addToHistory = async () => {
      throw new UsageError('h cannot be written');
    };
    const fake = fakeContext(['run', 'a.yaml', '--history', 'h'], { actions: { addToHistory } });
    expect([await execute(fake.context), steps(fake.calls)]).toEqual([64, ['load']]);
  });
});
