/** A trend as CSV (RFC 4180), one row for each run and measurement, for a spreadsheet or a data frame. */
import type { CellTrend, Point, Series, Trend } from '../../analysis/trend/model.ts';
import { csv } from './csv.ts';

const HEADER = [
  'scenario',
  'cell',
  'toolchain',
  'environment',
  'run',
  'started_at',
  'measurement',
  'unit',
  'n',
  'unknown',
  'median',
  'median_low',
  'median_high',
  'change',
  'p_adjusted',
  'verdict',
];

export function trendCsv({ cells }: Trend): string {
  return csv([HEADER, ...cells.flatMap((cell) => cell.series.flatMap((series) => rowsOf(cell, series)))]);
}

/** The columns of a change stand with the first run after it, the verdict of a series with its last one. */
function rowsOf({ scenario, cell, toolchain, environment, runs }: CellTrend, series: Series): unknown[][] {
  const values = Object.entries(cell).map(([key, value]) => `${key}=${value}`);
  return runs.map(({ id, startedAt }, i) => {
    const { n, unknown, median, medianCi95 } = series.points[i] as Point;
    const change = series.changes.find(({ before }) => before.id === id);
    return [
      scenario,
      values.join(' '),
      toolchain,
      environment,
      id,
      startedAt,
      series.measurement,
      series.unit,
      n,
      unknown,
      median,
      medianCi95?.[0],
      medianCi95?.[1],
      change?.change?.estimate,
      change?.pAdjusted,
      i === runs.length - 1 ? series.verdict : null,
    ];
  });
}
