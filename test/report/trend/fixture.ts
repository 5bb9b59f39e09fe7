/** Trends of recorded migrations: one that became slower with a CRIU, and one with all that can be odd. */
import { mulberry32 } from '../../../harness/analysis/statistics.ts';
import type { HistoryRun } from '../../../harness/analysis/trend/history-run.ts';
import type { Trend } from '../../../harness/analysis/trend/model.ts';
import { trend } from '../../../harness/analysis/trend/trend.ts';
import { historyOf, OPTIONS } from '../../analysis/trend/fixture.ts';

/** 40 runs; the 21st is the first one with CRIU 4.2.1, which is slower, and the 23rd that with another kernel. */
export function slowerHistory(): HistoryRun[] {
  const slowdown = (i: number): number => (i < 20 ? 1 : 1.2);
  return historyOf({ runs: 40, migrations: 30, random: mulberry32(3), slowdown }).map((run, i) => ({
    ...run,
    versions: {
      ...run.versions,
      CRIU: i < 20 ? '4.2' : '4.2.1',
      kernel: i < 22 ? '6.12.1' : '6.12.2',
    },
  }));
}

export function trendFound(): Trend {
  return trend(slowerHistory(), OPTIONS);
}

/** Too few runs of a cell, one of them without a measurement; failures since a while; names as an attacker would have them. */
export function oddTrend(evil: (text: string) => string): Trend {
  const random = mulberry32(4);
  const few = historyOf({ runs: 5, migrations: 10, random }).map((run, i) => ({
    ...run,
    id: `${evil('few')}/${i}`,
    scenario: evil('few'),
    cell: { 'bundle.counter.memory': evil('64MiB') },
    measurements: i === 4 ? [] : run.measurements,
  }));
  const failing = historyOf({ runs: 30, migrations: 10, random }).map((run, i) => ({
    ...run,
    versions: { ...run.versions, CRIU: i < 15 ? '4.2' : evil('4.3') },
    failed: i < 15 ? 0 : 3 + (i % 2),
  }));
  return { ...trend([...few, ...failing], OPTIONS), notes: [evil('history.ndjson:3: left out')] };
}
