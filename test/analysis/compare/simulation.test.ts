/** Whether what `compare` says is true, of noise that was recorded: 240 migrations of scenarios/httpd.yaml. */
import { describe, expect, it } from 'vitest';
import { HEADLINE } from '../../../harness/analysis/compare/choose.ts';
import { decide } from '../../../harness/analysis/compare/decide.ts';
import { compareFailures } from '../../../harness/analysis/compare/failures.ts';
import { contrastOf, evidenceOf } from '../../../harness/analysis/compare/measurements.ts';
import { mulberry32 } from '../../../harness/analysis/statistics.ts';
import { draw, RECORDED_COUNT, recordOf } from './fixture.ts';

const ALPHA = 0.05;
const THRESHOLD = 0.05;

/** What `compare` decides of two runs, without what it prints. */
function decisionsOf(
  runs: { count: number; random: () => number; slowdown?: number },
  threshold = THRESHOLD,
) {
  const { count, random, slowdown = 1 } = runs;
  const base = [recordOf({ id: 'base', picks: draw(count, random) })];
  const candidate = [recordOf({ id: 'candidate', picks: draw(count, random), slowdown })];
  const pair = { base, candidate };
  const evidence = HEADLINE.map((name) => evidenceOf(contrastOf(name, pair)));
  return decide([compareFailures(pair).evidence, ...evidence], { alpha: ALPHA, threshold }).decisions;
}

describe('what compare says', () => {
  it('rests on at least 200 recorded migrations', () => {
    expect(RECORDED_COUNT).toBeGreaterThanOrEqual(200);
  });

  it.each([10, 30])(
    'calls a difference in no more than alpha of 1,000 pairs without one, at %i migrations each',
    { timeout: 60_000 },
    (count) => {
      const [random, pairs] = [mulberry32(count), 1_000];
      let called = 0;
      // Without a threshold: every significant difference counts, in either direction.
      for (let i = 0; i < pairs; i++) {
        called += Number(
          decisionsOf({ count, random }, 0).some(({ verdict }) => verdict !== 'no difference shown'),
        );
      }
      expect(called / pairs).toBeLessThanOrEqual(ALPHA + 2 * Math.sqrt((ALPHA * (1 - ALPHA)) / pairs));
    },
  );

  it('finds 20 % more in at least 95 of 100 pairs, at 30 migrations each', { timeout: 60_000 }, () => {
    const [random, pairs] = [mulberry32(5), 400];
    const found = new Map<string, number>();
    for (let i = 0; i < pairs; i++) {
      const [, ...decisions] = decisionsOf({ count: 30, random, slowdown: 1.2 });
      for (const name of ['any', ...HEADLINE.filter((_, at) => decisions[at]?.verdict === 'regressed')]) {
        if (name !== 'any' || decisions.some(({ verdict }) => verdict === 'regressed')) {
          found.set(name, (found.get(name) ?? 0) + 1);
        }
      }
    }
    const share = (name: string): number => (found.get(name) ?? 0) / pairs;
    expect(share('any')).toBeGreaterThanOrEqual(0.95);
    expect(share('frozen-window')).toBeGreaterThanOrEqual(0.95);
    expect(share('downtime')).toBeGreaterThanOrEqual(0.95);
    expect(share('image-bytes')).toBeLessThanOrEqual(0.05);
  });

  it('calls no regression of 3 % where 5 % is the threshold, however many migrations there are', () => {
    const random = mulberry32(6);
    const decisions = decisionsOf({ count: 3_000, random, slowdown: 1.03 });
    expect(decisions.some(({ pAdjusted }) => (pAdjusted as number) < ALPHA)).toBe(true);
    expect(decisions.filter(({ verdict }) => verdict !== 'no difference shown')).toEqual([]);
  });
});
