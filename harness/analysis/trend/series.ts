/** Runs of one cell → each measurement over time. */
import type { HistoryRun } from './history-run.ts';
import type { Point, Series } from './model.ts';

/** A series before it is searched; `known` are the runs that measured it. */
export interface Draft extends Pick<Series, 'measurement' | 'unit' | 'points'> {
  known: { run: HistoryRun; value: number }[];
}

/** The measurements, and the share of migrations that failed. */
export function seriesOf(runs: readonly HistoryRun[], names: readonly string[]): Draft[] {
  const failed = draftOf(FAILED, 'share', runs, runs.map(failedPoint));
  return [...names.map((name) => measurementOf(name, runs)), failed];
}

const FAILED = 'failed';

function measurementOf(name: string, runs: readonly HistoryRun[]): Draft {
  const own = runs.map(({ measurements }) => measurements.find(({ measurement }) => measurement === name));
  const points = own.map((one): Point => {
    if (one === undefined) return { n: 0, unknown: 0, median: null, medianCi95: null };
    const { n, unknown, median, medianCi95 } = one;
    return { n, unknown, median, medianCi95 };
  });
  return draftOf(name, own.find((one) => one !== undefined)?.unit ?? 'ms', runs, points);
}

function failedPoint({ migrations, failed }: HistoryRun): Point {
  const median = migrations === 0 ? null : failed / migrations;
  return { n: migrations, unknown: 0, median, medianCi95: null };
}

function draftOf(
  measurement: string,
  unit: Series['unit'],
  runs: readonly HistoryRun[],
  points: Point[],
): Draft {
  const known = points.flatMap(({ median }, i) =>
    median === null ? [] : [{ run: runs[i] as HistoryRun, value: median }],
  );
  return { measurement, unit, points, known };
}
