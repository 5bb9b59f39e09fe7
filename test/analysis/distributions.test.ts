import { describe, expect, it } from 'vitest';
import { distributions } from '../../harness/analysis/distributions.ts';
import type { MigrationResult } from '../../harness/model.ts';
import { migrationOf } from '../report/fixture.ts';

function withGap(number: number, gap: MigrationResult['gap'], warmUp = false): MigrationResult {
  return { ...migrationOf(number), number, warmUp, gap };
}

const known = (ms: number) => ({ ms, atLeastMs: ms - 1, atMostMs: ms + 1 });

function gapIn(results: MigrationResult[]) {
  return distributions(results, 1).find(({ measurement }) => measurement === 'gap');
}

describe('distributions', () => {
  it('leave warm-ups out and list what is unknown', () => {
    const results = [
      withGap(1, known(1_000), true),
      withGap(2, known(4)),
      withGap(3, { unknown: 'the restore did not run' }),
      withGap(4, known(6)),
    ];
    expect(gapIn(results)).toEqual({
      measurement: 'gap',
      unit: 'ms',
      values: [4, 6],
      unknown: [{ number: 3, why: 'the restore did not run' }],
      min: 4,
      q1: 4.5,
      median: 5,
      q3: 5.5,
      p95: 5.9,
      max: 6,
      medianCi95: null,
      uncertainty: 1,
    });
  });

  it('know each value as well as its farther bound says', () => {
    const lopsided = (ms: number) => ({ ms, atLeastMs: ms - 0.5, atMostMs: ms + 33 });
    expect(gapIn([1, 2, 3].map((number) => withGap(number, lopsided(number))))?.uncertainty).toBe(33);
    const migration = migrationOf(1);
    if ('unknown' in migration.frozenWindow) throw new Error('the fixture has a frozen window');
    const { window, stopped } = migration.frozenWindow;
    const late = { ...window, atMostMs: window.ms + 33 };
    const results = [{ ...migration, frozenWindow: { ...migration.frozenWindow, window: late } }];
    const uncertaintyOf = (name: string) =>
      distributions(results, 1).find(({ measurement }) => measurement === name)?.uncertainty;
    expect(uncertaintyOf('frozen-window')).toBeCloseTo(33, 6);
    expect(uncertaintyOf('criu-restore')).toBeCloseTo(33 - (stopped.latest - stopped.earliest) / 2, 3);
  });

  it('have no figures where there are no values', () => {
    expect(gapIn([withGap(1, { unknown: 'none' })])).toEqual({
      measurement: 'gap',
      unit: 'ms',
      values: [],
      unknown: [{ number: 1, why: 'none' }],
      min: null,
      q1: null,
      median: null,
      q3: null,
      p95: null,
      max: null,
      medianCi95: null,
      uncertainty: null,
    });
  });

  it('name the measurements once, CRIU’s as CRIU does', () => {
    expect(distributions([], 1).map(({ measurement, unit }) => `${measurement} ${unit}`)).toEqual([
      'frozen-window ms',
      'downtime ms',
      'lost requests',
      'longest-latency ms',
      'recovery ms',
      'criu-dump ms',
      'gap ms',
      'runtime ms',
      'criu-restore ms',
      'freezing_time ms',
      'frozen_time ms',
      'memdump_time ms',
      'memwrite_time ms',
      'forking_time ms',
      'restore_time ms',
      'image-bytes bytes',
    ]);
  });
});
