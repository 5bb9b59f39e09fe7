/** A run as metrics of Prometheus, in seconds and bytes; what is unknown is not there. */
import { verdictOf } from '../../analysis/checks.ts';
import { micro } from '../../analysis/statistics.ts';
import type { Distribution, MigrationResult, RunRecord } from '../../model.ts';
import { runtimeText } from '../../runtime/commands.ts';
import { labelOf } from '../measurements.ts';
import { exposition, type Family, type Series } from './exposition.ts';
import { epochMs, seconds } from './instants.ts';
import { cellOf } from './series.ts';

type Labels = Series['labels'];

export function prometheusText(record: RunRecord): string {
  const { name, cell } = record.head.scenario;
  const labels = { scenario: name, cell: cellOf(cell) };
  return exposition([
    ...factsOf(record, labels),
    ...verdictsOf(record, labels),
    ...countsOf(record, labels),
    ...record.distributions.map((one) => summaryOf(one, labels)),
  ]);
}

function factsOf({ head, tail }: RunRecord, labels: Labels): Family[] {
  const { scenario, hosts } = head;
  const run = { run: head.id, thaw: head.thaw, testbed: scenario.testbed.kind };
  const strategy = scenario.migration.strategy.kind;
  return [
    gauge('thaw_run_info', 'What ran; always 1.', [{ labels: { ...labels, ...run, strategy }, value: 1 }]),
    gauge(
      'thaw_host_info',
      'The hosts of the run and their versions; always 1.',
      hosts.map(({ name, kernel, distribution, architecture, cgroup, toolchain }) => ({
        labels: {
          ...labels,
          ...{ host: name, kernel, distribution, architecture, cgroup },
          ...{ toolchain: toolchain.name, runtime: runtimeText(toolchain), criu: toolchain.criu },
        },
        value: 1,
      })),
    ),
    gauge('thaw_run_start_timestamp_seconds', 'When the run began, since the epoch.', [
      { labels, value: epochMs(head, 0) / 1_000 },
    ]),
    gauge(
      'thaw_run_duration_seconds',
      'From the beginning of the run to its end.',
      tail === null ? [] : [{ labels, value: seconds(tail.endedMs) }],
    ),
  ];
}

const VERDICTS = ['pass', 'fail', 'unknown'] as const;
const OUTCOMES = ['completed', 'failed', 'skipped', 'interrupted'] as const;

function verdictsOf(record: RunRecord, labels: Labels): Family[] {
  const run = verdictOf(record);
  return [
    gauge(
      'thaw_run_outcome',
      '1 for the outcome of the run, 0 for the others.',
      OUTCOMES.map((outcome) => ({
        labels: { ...labels, outcome },
        value: Number(outcome === record.outcome),
      })),
    ),
    gauge(
      'thaw_run_verdict',
      '1 for the verdict of the run, 0 for the others; unknown is not pass.',
      VERDICTS.map((verdict) => ({ labels: { ...labels, verdict }, value: Number(verdict === run) })),
    ),
    gauge(
      'thaw_check_verdict',
      '1 for the verdict of a check, 0 for the others; unknown is not pass.',
      record.verdicts.flatMap(({ check, state }) =>
        VERDICTS.map((verdict) => ({
          labels: { ...labels, check, verdict },
          value: Number(verdict === state),
        })),
      ),
    ),
  ];
}

function countsOf(record: RunRecord, labels: Labels): Family[] {
  const { migrations, probe } = record;
  // Where no request was due, that none was lost says nothing.
  const probed = probe.samples > 0;
  const results = { answered: probe.answered, ...probe.failed, dropped: probe.dropped };
  return [
    counter(
      'thaw_migrations_total',
      'Migrations of the run by their outcome.',
      migrations.flatMap((migration) =>
        (['completed', 'failed'] as const).map((outcome) => ({
          labels: { ...labels, ...wayOf(migration), outcome },
          value: Number(migration.outcome.state === outcome),
        })),
      ),
    ),
    counter(
      'thaw_lost_requests_total',
      'Requests that were lost around the migrations, by kind of failure.',
      (probed ? migrations : []).flatMap((migration) =>
        Object.entries(migration.lost).map(([kind, value]) => ({
          labels: { ...labels, ...wayOf(migration), kind },
          value,
        })),
      ),
    ),
    counter(
      'thaw_requests_total',
      'Requests that were due in the whole run, by what became of them.',
      (probed ? Object.entries(results) : []).map(([result, value]) => ({
        labels: { ...labels, result },
        value,
      })),
    ),
  ];
}

function wayOf({ source, destination, warmUp }: MigrationResult): Labels {
  return { source, destination, warm_up: String(warmUp) };
}

/** Quantiles 0 and 1 are the smallest and the largest value. */
function summaryOf(distribution: Distribution, labels: Labels): Family {
  const { measurement, unit, values, min, q1, median, q3, p95, max } = distribution;
  const base = (value: number) => (unit === 'ms' ? seconds(value) : micro(value));
  const quantiles = [
    ['0', min],
    ['0.25', q1],
    ['0.5', median],
    ['0.75', q3],
    ['0.95', p95],
    ['1', max],
  ] as const;
  const known = quantiles.flatMap(([quantile, value]): Series[] =>
    value === null ? [] : [{ labels: { ...labels, quantile }, value: base(value) }],
  );
  const sum = values.reduce((total, value) => total + value, 0);
  const all: Series[] = [
    { suffix: '_sum', labels, value: base(sum) },
    { suffix: '_count', labels, value: values.length },
  ];
  return {
    name: nameOf(measurement, unit),
    help: `${labelOf(measurement)} of the measured migrations of the run in which it is known.`,
    type: 'summary',
    series: values.length === 0 ? [] : [...known, ...all],
  };
}

function nameOf(measurement: string, unit: Distribution['unit']): string {
  const last = { ms: 'seconds', bytes: 'bytes', requests: 'requests' }[unit];
  const name = measurement.replaceAll(/[^a-zA-Z0-9_]/g, '_').slice(0, 60);
  return `thaw_migration_${name.endsWith(`_${last}`) ? name : `${name}_${last}`}`;
}

function gauge(name: string, help: string, series: Series[]): Family {
  return { name, help, type: 'gauge', series };
}

function counter(name: string, help: string, series: Series[]): Family {
  return { name, help, type: 'counter', series };
}
