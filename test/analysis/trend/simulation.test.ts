/** Whether what `trend` says is true, of noise that was recorded: 240 migrations of scenarios/httpd.yaml. */
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../../harness/analysis/statistics.ts';
import type { ChangePoint, Series } from '../../../harness/analysis/trend/model.ts';
import { trend } from '../../../harness/analysis/trend/trend.ts';
import { historyOf, OPTIONS } from './fixture.ts';

const RUNS = 40;

/** What is found in each measurement, by name. */
function found(migrations: number, random: () => number, slowdown = 1): Map<string, Series> {
  const history = historyOf({
    runs: RUNS,
    migrations,
    random,
    slowdown: (run) => (run < RUNS / 2 ? 1 : slowdown),
  });
  const [cell] = trend(history, OPTIONS).cells;
  return new Map(cell?.series.map((one) => [one.measurement, one]));
}

/** How many runs a change lies from where it was made. */
function away({ before }: ChangePoint): number {
  return Math.abs(Number(before.id.split('/').at(-1)) - RUNS / 2);
}

describe('what trend says of 40 runs', () => {
  it.for([10, 30])(
    'finds a change in no more than alpha of 1,000 histories without one, at %i migrations a run',
    { timeout: 180_000 },
    async (migrations, { annotate }) => {
      const [random, histories] = [mulberry32(migrations), 1_000];
      let alarms = 0;
      for (let i = 0; i < histories; i++) {
        alarms += Number([...found(migrations, random).values()].some(({ changes }) => changes.length > 0));
      }
      await annotate(`${alarms} of ${histories} have an alarm`);
      const error = Math.sqrt((OPTIONS.alpha * (1 - OPTIONS.alpha)) / histories);
      expect(alarms / histories).toBeLessThanOrEqual(OPTIONS.alpha + 2 * error);
      // What never calls anything would pass the line above.
      expect(alarms).toBeGreaterThan(0);
    },
  );

  it('finds 20 % more since the 21st of them in at least 95 of 100, within 2 runs in most', {
    timeout: 180_000,
  }, () => {
    const [random, histories] = [mulberry32(2), 200];
    const [called, near] = [new Map<string, number>(), new Map<string, number>()];
    const countIn = (counts: Map<string, number>, name: string, is: boolean): void => {
      counts.set(name, (counts.get(name) ?? 0) + Number(is));
    };
    for (let i = 0; i < histories; i++) {
      for (const [name, { verdict, changes }] of found(30, random, 1.2)) {
        countIn(called, name, verdict === 'regressed');
        countIn(
          near,
          name,
          changes.some((change) => away(change) <= 2),
        );
      }
    }
    const share = (counts: Map<string, number>, name: string): number => (counts.get(name) ?? 0) / histories;
    for (const name of ['frozen-window', 'downtime', 'lost', 'frozen_time', 'restore_time']) {
      expect(share(called, name), name).toBeGreaterThanOrEqual(0.95);
      expect(share(near, name), name).toBeGreaterThanOrEqual(0.9);
    }
    expect(share(called, 'image-bytes')).toBeLessThanOrEqual(0.05);
  });
});
