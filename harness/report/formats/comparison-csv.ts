/** A comparison as CSV (RFC 4180), one row a measurement, for a spreadsheet or a data frame. */
import type { Cell, Comparison, Group } from '../../analysis/compare/comparison.ts';
import { csv } from './csv.ts';

const HEADER = [
  'scenario',
  'measurement',
  'unit',
  ...['base', 'candidate'].flatMap((side) =>
    ['values', 'unknown', 'median', 'median_low', 'median_high'].map((name) => `${side}_${name}`),
  ),
  'change',
  'change_low',
  'change_high',
  'change_by_runs',
  'u',
  'p',
  'p_adjusted',
  'verdict',
  'why',
];

export function comparisonCsv({ cells }: Comparison): string {
  return csv([HEADER, ...cells.flatMap(rowsOf)]);
}

/** Of failed migrations the median columns hold their number. */
function rowsOf({ scenario, failures, measurements }: Cell): unknown[][] {
  const share = ({ failed, migrations }: Cell['failures']['base']) => [migrations, 0, failed, null, null];
  return [
    ...measurements.map((one) => [
      scenario,
      one.measurement,
      one.unit,
      ...groupOf(one.base),
      ...groupOf(one.candidate),
      one.change?.estimate,
      one.change?.low,
      one.change?.high,
      one.changeByRuns,
      one.u,
      ...decisionOf(one),
    ]),
    [
      scenario,
      'failed',
      'migrations',
      ...share(failures.base),
      ...share(failures.candidate),
      failures.change,
      null,
      null,
      null,
      null,
      ...decisionOf(failures),
    ],
  ];
}

function groupOf({ values, unknown, median, medianCi95 }: Group): unknown[] {
  return [values, unknown, median, medianCi95?.[0], medianCi95?.[1]];
}

function decisionOf({
  p,
  pAdjusted,
  verdict,
  why,
}: Pick<Cell['failures'], 'p' | 'pAdjusted' | 'verdict' | 'why'>): unknown[] {
  return [p, pAdjusted, verdict, why];
}
