/** The measurements of a run over its measured migrations; warm-ups are left out, unknowns are listed. */
import type {
  Distribution,
  DumpStats,
  Interval,
  MigrationResult,
  OrUnknown,
  RestoreStats,
} from '../model.ts';
import { wallSet } from './clocks.ts';
import { halfWidth, isUnknown, unknown } from './intervals.ts';
import { medianCi95, micro, quantile, sorted } from './statistics.ts';

interface Reading {
  value: number;
  /** How far the truth may lie from it; 0 where it is exact. */
  uncertainty: number;
}

interface Measurement {
  name: string;
  unit: Distribution['unit'];
  of(result: MigrationResult): OrUnknown<Reading>;
}

const exact = (value: number): Reading => ({ value, uncertainty: 0 });

/** Half the width of an interval, of which the middle was taken. */
const half = ({ earliest, latest }: Interval): number => (latest - earliest) / 2;

function then<T>(value: OrUnknown<T>, read: (known: T) => Reading): OrUnknown<Reading> {
  return isUnknown(value) ? value : read(value);
}

const dump = (field: keyof DumpStats): Measurement => ({
  name: field,
  unit: 'ms',
  of: (result) => then(trusted(result, 'source', result.dumpStats), (stats) => exact(stats[field] / 1_000)),
});
const restore = (field: keyof RestoreStats): Measurement => ({
  name: field,
  unit: 'ms',
  of: (result) =>
    then(trusted(result, 'destination', result.restoreStats), (stats) => exact(stats[field] / 1_000)),
});

/** CRIU's times are differences of the wall clock: where that was set meanwhile, they say nothing. */
function trusted<T>(
  result: MigrationResult,
  end: 'source' | 'destination',
  stats: OrUnknown<T>,
): OrUnknown<T> {
  const step = result.clocks.find(({ host }) => host === result[end])?.wallStepMs ?? 0;
  return step === 0 || isUnknown(stats) ? stats : unknown(wallSet(result[end], step));
}

const BY_SHARE = { unknown: 'the images go by the share' };

/** In the order in which reports show them. Names are those of docs/measurement.md and of CRIU. */
const MEASUREMENTS: readonly Measurement[] = [
  {
    name: 'frozen-window',
    unit: 'ms',
    of: (r) => then(r.frozenWindow, ({ window }) => ({ value: window.ms, uncertainty: halfWidth(window) })),
  },
  {
    name: 'downtime',
    unit: 'ms',
    of: (r) => then(r.downtime, ({ ms, resolutionMs }) => ({ value: ms, uncertainty: resolutionMs })),
  },
  { name: 'lost', unit: 'requests', of: (r) => exact(Object.values(r.lost).reduce((a, b) => a + b, 0)) },
  { name: 'longest-latency', unit: 'ms', of: (r) => then(r.longestLatencyMs, exact) },
  { name: 'recovery', unit: 'ms', of: (r) => then(r.recoveryMs, exact) },
  {
    name: 'criu-dump',
    unit: 'ms',
    of: (r) => then(r.frozenWindow, (f) => ({ value: f.criuDumpMs, uncertainty: half(f.stopped) })),
  },
  {
    name: 'gap',
    unit: 'ms',
    of: (r) => then(r.gap, (gap) => ({ value: gap.ms, uncertainty: halfWidth(gap) })),
  },
  {
    name: 'transfer',
    unit: 'ms',
    of: (r) =>
      then(r.transfer ?? BY_SHARE, (transfer) => ({ value: transfer.ms, uncertainty: halfWidth(transfer) })),
  },
  {
    name: 'runtime',
    unit: 'ms',
    of: (r) => then(r.frozenWindow, (f) => ({ value: f.runtimeMs, uncertainty: halfWidth(f.window) })),
  },
  {
    name: 'criu-restore',
    unit: 'ms',
    of: (r) =>
      then(r.frozenWindow, (f) => ({
        value: f.criuRestoreMs,
        uncertainty: halfWidth(f.window) - half(f.stopped),
      })),
  },
  dump('freezing_time'),
  dump('frozen_time'),
  dump('memdump_time'),
  dump('memwrite_time'),
  restore('forking_time'),
  restore('restore_time'),
  {
    name: 'image-bytes',
    unit: 'bytes',
    of: (r) => (r.imageBytes === null ? { unknown: 'the images were not counted' } : exact(r.imageBytes)),
  },
];

export function distributions(results: readonly MigrationResult[], seed: number): Distribution[] {
  const measured = results.filter((result) => !result.warmUp);
  const copied = measured.some(({ transfer }) => transfer !== null);
  return MEASUREMENTS.flatMap((measurement, index) =>
    measurement.name === 'transfer' && !copied ? [] : [distribution(measurement, measured, seed + index)],
  );
}

function distribution(
  { name, unit, of }: Measurement,
  results: readonly MigrationResult[],
  seed: number,
): Distribution {
  const readings: Reading[] = [];
  const unknown: Distribution['unknown'] = [];
  for (const result of results) {
    const reading = of(result);
    if (isUnknown(reading)) unknown.push({ number: result.number, why: reading.unknown });
    else readings.push(reading);
  }
  const values = readings.map(({ value }) => value);
  const uncertainty = quantile(
    readings.map((reading) => reading.uncertainty),
    0.5,
  );
  const ordered = sorted(values);
  return {
    measurement: name,
    unit,
    values,
    unknown,
    min: ordered[0] ?? null,
    q1: quantile(values, 0.25),
    median: quantile(values, 0.5),
    q3: quantile(values, 0.75),
    p95: quantile(values, 0.95),
    max: ordered.at(-1) ?? null,
    medianCi95: medianCi95(values, seed),
    uncertainty: uncertainty === null || uncertainty === 0 ? null : micro(uncertainty),
  };
}
