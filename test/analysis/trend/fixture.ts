/** Histories whose runs drew their migrations from 240 recorded ones, as compare's fixture does. */
import { HEADLINE } from '../../../harness/analysis/compare/choose.ts';
import { quantile } from '../../../harness/analysis/statistics.ts';
import type { HistoryRun } from '../../../harness/analysis/trend/history-run.ts';
import type { TrendOptions } from '../../../harness/analysis/trend/trend.ts';
import { draw, recordOf } from '../compare/fixture.ts';

export const OPTIONS: TrendOptions = { alpha: 0.05, threshold: 0.05, scenario: null, measurements: null };

export interface Drawn {
  runs: number;
  migrations: number;
  random: () => number;
  /** By what all times of run `i` are multiplied. */
  slowdown?: (i: number) => number;
}

/** One run a day. */
export function historyOf({ runs, migrations, random, slowdown = () => 1 }: Drawn): HistoryRun[] {
  return Array.from({ length: runs }, (_, i): HistoryRun => {
    const picks = draw(migrations, random);
    const { distributions } = recordOf({ id: `${i}`, picks, slowdown: slowdown(i) });
    const startedAt = new Date(Date.UTC(2026, 0, 1 + i, 12)).toISOString();
    return {
      schema: 1,
      id: `httpd/${startedAt}/${i}`,
      startedAt,
      scenario: 'httpd',
      cell: {},
      toolchain: 'auto',
      environment: '0123456789ab',
      versions: { runtime: 'runc 1.3.6', CRIU: '4.2', kernel: '6.12.1' },
      verdict: 'pass',
      migrations,
      failed: 0,
      measurements: distributions
        .filter(({ measurement }) => HEADLINE.includes(measurement))
        .map(({ measurement, unit, values }) => ({
          measurement,
          unit,
          n: values.length,
          unknown: 0,
          median: quantile(values, 0.5),
          medianCi95: null,
        })),
    };
  });
}
