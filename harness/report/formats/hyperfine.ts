/** The times of a run in the shape of `hyperfine --export-json` (hyperfine 1): a result for each measurement. */
import { mean, sampleStandardDeviation } from 'simple-statistics';
import type { Distribution, RunRecord } from '../../model.ts';
import { labelOf, measured } from '../measurements.ts';
import { seconds } from './instants.ts';
import { seriesOf } from './series.ts';

export function hyperfineJson(record: RunRecord): string {
  const results = record.distributions.flatMap((one) => resultOf(one, record));
  return `${JSON.stringify({ results }, null, 2)}\n`;
}

function resultOf(distribution: Distribution, record: RunRecord): object[] {
  const { measurement, unit, values, median, min, max } = distribution;
  if (unit !== 'ms' || median === null || min === null || max === null) return [];
  return [
    {
      command: `${seriesOf(record.head.scenario)}: ${labelOf(measurement)}`,
      mean: seconds(mean(values)),
      // hyperfine has null here as well, of a single run.
      stddev: values.length < 2 ? null : seconds(sampleStandardDeviation(values)),
      median: seconds(median),
      // Nobody measured them, but readers such as Bencher's refuse a file in which they are no numbers.
      user: 0,
      system: 0,
      unknown: ['user', 'system'],
      min: seconds(min),
      max: seconds(max),
      times: values.map(seconds),
      exit_codes: exitCodes(distribution, record),
    },
  ];
}

/** Of the migration that each value comes from: 0 where it completed, 1 where it failed. */
function exitCodes({ values, unknown }: Distribution, record: RunRecord): (0 | 1 | null)[] {
  const without = new Set(unknown.map(({ number }) => number));
  const known = measured(record).filter(({ number }) => !without.has(number));
  if (known.length !== values.length) return values.map(() => null);
  return known.map(({ outcome }) => (outcome.state === 'completed' ? 0 : 1));
}
