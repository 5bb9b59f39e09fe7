/** A run as CSV: one row a migration, warm-ups and failed ones among them; what is unknown is empty. */
import type { MigrationResult, OrUnknown, RunRecord } from '../../model.ts';
import { CRIU_PAGES, CRIU_TIMES } from '../measurements.ts';
import { isUnknown } from '../numbers.ts';
import { csv } from './csv.ts';

type Column = [name: string, read: (migration: MigrationResult) => unknown];

const COLUMNS: readonly Column[] = [
  ['number', ({ number }) => number],
  ['warm_up', ({ warmUp }) => warmUp],
  ['source', ({ source }) => source],
  ['destination', ({ destination }) => destination],
  ['outcome', ({ outcome }) => outcome.state],
  ['failed_at', ({ outcome }) => (outcome.state === 'failed' ? outcome.phase : null)],
];

/** What is measured of a migration. Times in ms; CRIU's fields as CRIU has them, its times in µs. */
const FIGURES: readonly Column[] = [
  ['frozen_window_ms', (m) => of(m.frozenWindow, ({ window }) => window.ms)],
  ['frozen_window_at_least_ms', (m) => of(m.frozenWindow, ({ window }) => window.atLeastMs)],
  ['frozen_window_at_most_ms', (m) => of(m.frozenWindow, ({ window }) => window.atMostMs)],
  ['downtime_ms', (m) => of(m.downtime, ({ ms }) => ms)],
  ['downtime_bracket_ms', (m) => of(m.downtime, ({ bracketMs }) => bracketMs)],
  ['lost', ({ lost }) => Object.values(lost).reduce((sum, count) => sum + count, 0)],
  ['longest_latency_ms', (m) => of(m.longestLatencyMs, (ms) => ms)],
  ['recovery_ms', (m) => of(m.recoveryMs, (ms) => ms)],
  ['gap_ms', (m) => of(m.gap, ({ ms }) => ms)],
  ['image_bytes', ({ imageBytes }) => imageBytes],
  ...[...CRIU_TIMES, ...CRIU_PAGES].map((field): Column => [field, (migration) => criu(migration, field)]),
];

export function runCsv({ head, migrations }: RunRecord): string {
  const { id, scenario } = head;
  const columns = [...COLUMNS, ...FIGURES];
  return csv([
    ['scenario', 'run', ...columns.map(([name]) => name)],
    ...migrations.map((migration) => [scenario.name, id, ...columns.map(([, read]) => read(migration))]),
  ]);
}

/** The figures of a migration by the names of their columns; what is unknown is not there. */
export function figuresOf(migration: MigrationResult): Record<string, unknown> {
  const figures = FIGURES.map(([name, read]) => [name, read(migration)] as const);
  return Object.fromEntries(figures.filter(([, value]) => value !== null));
}

function of<T>(value: OrUnknown<T>, read: (known: T) => number): number | null {
  return isUnknown(value) ? null : read(value);
}

function criu({ dumpStats, restoreStats }: MigrationResult, field: string): number | null {
  const known: Record<string, number> = {
    ...(isUnknown(dumpStats) ? {} : dumpStats),
    ...(isUnknown(restoreStats) ? {} : restoreStats),
  };
  return known[field] ?? null;
}
