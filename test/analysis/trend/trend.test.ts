import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../../harness/analysis/statistics.ts';
import { trend } from '../../../harness/analysis/trend/trend.ts';
import { UsageError } from '../../../harness/errors.ts';
import { slowerHistory } from '../../report/trend/fixture.ts';
import { historyOf, OPTIONS } from './fixture.ts';

const history = slowerHistory();
const ten = () => historyOf({ runs: 10, migrations: 5, random: mulberry32(9) });

describe('trend', () => {
  it('tells a change, its size, the runs between which it lies, and what else changed there', () => {
    const [cell] = trend(history, OPTIONS).cells;
    const series = cell?.series.find(({ measurement }) => measurement === 'frozen_time');
    expect(series).toMatchObject({ verdict: 'regressed', unit: 'ms' });
    expect(series?.changes).toHaveLength(1);
    const [change] = series?.changes ?? [];
    expect(change?.change?.estimate).toBeCloseTo(0.2, 1);
    expect(change?.after.startedAt).toBe('2026-01-20T12:00:00.000Z');
    expect(change?.before.startedAt).toBe('2026-01-21T12:00:00.000Z');
    expect(change?.pAdjusted).toBeLessThan(0.01);
    expect(change?.versions).toEqual([
      { what: 'CRIU', from: '4.2', to: '4.2.1', runs: 0 },
      { what: 'kernel', from: '6.12.1', to: '6.12.2', runs: 2 },
    ]);
  });

  it('says the same whatever the order of the lines, and however often one is there', () => {
    const expected = trend(history, OPTIONS);
    fc.assert(
      fc.property(
        fc.shuffledSubarray(history, { minLength: history.length }),
        fc.subarray(history),
        (lines, again) => {
          expect(trend([...again, ...lines], OPTIONS)).toEqual(expected);
        },
      ),
      { numRuns: 10 },
    );
  });

  it('counts one of two runs with one ID, the same one in either order, and says so', () => {
    const runs = ten();
    const other = { ...(runs[0] as (typeof runs)[number]), failed: 3 };
    const found = trend([...runs, other], OPTIONS);
    expect(found.notes).toEqual([`the run ${other.id} is there twice with different figures`]);
    expect(found.cells[0]?.runs).toHaveLength(10);
    expect(trend([other, ...runs], OPTIONS)).toEqual(found);
  });

  it('does not know of too few runs, and says how many are needed', () => {
    const { cells, verdict, tests } = trend(ten().slice(0, 9), OPTIONS);
    expect([verdict, tests]).toEqual(['unknown', 0]);
    expect(cells[0]?.series.map(({ why }) => why)).toEqual(
      Array.from({ length: 7 }, () => 'too few runs: 10 are needed, there are 9'),
    );
  });

  it('needs more runs where more is tested', () => {
    const { cells, tests } = trend(ten(), OPTIONS);
    expect(tests).toBe(6);
    expect(cells[0]?.series[0]?.why).toBe('too few runs: 12 are needed, there are 10');
  });

  it('keeps a run that did not measure something as unknown', () => {
    const runs = ten().map((run, i) => (i < 4 ? { ...run, measurements: [] } : run));
    const [series] = trend(runs, { ...OPTIONS, measurements: ['downtime'] }).cells[0]?.series ?? [];
    expect(series?.points.map(({ median }) => median === null)).toEqual([
      ...Array.from({ length: 4 }, () => true),
      ...Array.from({ length: 6 }, () => false),
    ]);
    expect([series?.verdict, series?.why]).toEqual([
      'unknown',
      'too few runs: 10 are needed, there are 6, 4 more did not measure it',
    ]);
  });

  it('calls a change that is no larger than the threshold none, and shows it', () => {
    const found = trend(history, { ...OPTIONS, threshold: 0.5 });
    const series = found.cells[0]?.series.find(({ measurement }) => measurement === 'frozen_time');
    expect([found.verdict, series?.verdict, series?.changes.length]).toEqual([
      'no difference shown',
      'no difference shown',
      1,
    ]);
  });

  it('judges by the newest change: what became good again has improved', () => {
    const random = mulberry32(5);
    const slowdown = (i: number): number => (i >= 15 && i < 30 ? 1.5 : 1);
    const runs = historyOf({ runs: 45, migrations: 30, random, slowdown });
    const series = trend(runs, OPTIONS).cells[0]?.series.find((one) => one.measurement === 'frozen_time');
    expect([series?.verdict, series?.changes.map(({ before }) => before.startedAt.slice(0, 10))]).toEqual([
      'improved',
      ['2026-01-16', '2026-01-31'],
    ]);
  });

  it('calls failures since a while a regression, though there is no ratio to none', () => {
    const runs = historyOf({ runs: 20, migrations: 10, random: mulberry32(6) });
    const failing = runs.map((run, i) => ({ ...run, failed: i < 10 ? 0 : 2 }));
    const series = trend(failing, OPTIONS).cells[0]?.series.at(-1);
    expect(series).toMatchObject({
      measurement: 'failed',
      verdict: 'regressed',
      changes: [{ change: null }],
    });
  });

  it.each([
    [{ environment: 'ffffffffffff' }],
    [{ scenario: 'nginx' }],
    [{ toolchain: 'debian:trixie' }],
    [{ cell: { memory: '64MiB' } }],
  ])('keeps runs apart that cannot be compared: %j', (differing) => {
    const runs = ten().map((run, i) => (i % 2 === 0 ? run : { ...run, ...differing }));
    expect(trend(runs, OPTIONS).cells.map((cell) => cell.runs.length)).toEqual([5, 5]);
  });

  it('shows one scenario, and refuses one that is not there', () => {
    const runs = ten().map((run, i) => (i < 5 ? run : { ...run, scenario: 'nginx' }));
    expect(trend(runs, { ...OPTIONS, scenario: 'nginx' }).cells.map((cell) => cell.scenario)).toEqual([
      'nginx',
    ]);
    expect(() => trend(runs, { ...OPTIONS, scenario: 'nginz' })).toThrow(UsageError);
    expect(() => trend(runs, { ...OPTIONS, measurements: ['downtme'] })).toThrow(/downtme was not measured/);
  });

  it('says of a history without runs that nothing is known', () => {
    expect(trend([], OPTIONS)).toMatchObject({ cells: [], verdict: 'unknown' });
  });
});
