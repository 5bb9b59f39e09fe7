/** The measurements of a record: found by name, and called as design.md calls them. */
import { median } from 'simple-statistics';
import type {
  ClockView,
  Distribution,
  DumpStats,
  HostName,
  MigrationResult,
  OrUnknown,
  RestoreStats,
  RunRecord,
} from '../model.ts';
import { isUnknown } from './numbers.ts';
import { safeText } from './text.ts';

/** CRIU's figures that say something about a stop-and-copy migration, in the order in which they happen. */
export const CRIU_TIMES = [
  'freezing_time',
  'frozen_time',
  'memdump_time',
  'memwrite_time',
  'forking_time',
  'restore_time',
] as const;
export const CRIU_PAGES = ['pages_scanned', 'pages_written', 'shpages_written', 'pages_restored'] as const;

export type CriuField = (typeof CRIU_TIMES)[number] | (typeof CRIU_PAGES)[number];

/** `frozen-window` is written "frozen window"; CRIU's names stay as they are. */
export function labelOf(measurement: string): string {
  return safeText(measurement.replaceAll('-', ' '), 18);
}

export function findDistribution(record: RunRecord, measurement: string): Distribution | null {
  return record.distributions.find((one) => labelOf(one.measurement) === labelOf(measurement)) ?? null;
}

/** Migrations that count: warm-up ones are left out of every figure. */
export function measured(record: RunRecord): MigrationResult[] {
  return record.migrations.filter((migration) => !migration.warmUp);
}

/** The measured migration whose frozen window is nearest to the median of all, the first one of equals. */
export function medianMigration(record: RunRecord): MigrationResult | null {
  const known = measured(record).flatMap((migration) =>
    isUnknown(migration.frozenWindow) ? [] : [{ migration, ms: migration.frozenWindow.window.ms }],
  );
  if (known.length === 0) return null;
  const middle = median(known.map((one) => one.ms));
  const distance = (one: { ms: number }) => Math.abs(one.ms - middle);
  return known.reduce((best, one) => (distance(one) < distance(best) ? one : best)).migration;
}

/**
 * The values of one of CRIU's fields over the measured migrations that have it; of its times, those of hosts whose
 * wall clock was not set meanwhile.
 */
export function criuValues(record: RunRecord, field: CriuField): number[] {
  const isTime = CRIU_TIMES.some((time) => time === field);
  return measured(record).flatMap((migration) => {
    const told = (host: HostName, stats: OrUnknown<object>): object =>
      isUnknown(stats) || (isTime && wallWasSet(migration, host)) ? {} : stats;
    const stats: Partial<DumpStats & RestoreStats> = {
      ...told(migration.source, migration.dumpStats),
      ...told(migration.destination, migration.restoreStats),
    };
    const value = stats[field];
    return value === undefined ? [] : [value];
  });
}

/** Whether a host's wall clock, by which CRIU counts, was set during the migration. */
function wallWasSet({ clocks }: MigrationResult, host: HostName): boolean {
  return clocks.some((clock) => clock.host === host && stepped(clock));
}

export function stepped({ wallStepMs }: ClockView): boolean {
  return (wallStepMs ?? 0) !== 0;
}

export function isCriuField(measurement: string): boolean {
  return [...CRIU_TIMES, ...CRIU_PAGES].some((field) => field === measurement);
}

/** Reasons with the migrations that they hold for, as `why (migrations 3, 7)`. */
export function reasonsOf(unknown: Distribution['unknown']): string[] {
  const byReason = new Map<string, number[]>();
  for (const { number, why } of unknown) byReason.set(why, [...(byReason.get(why) ?? []), number]);
  return [...byReason].map(
    ([why, numbers]) =>
      `${safeText(why, 200)} (${numbers.length === 1 ? 'migration' : 'migrations'} ${someOf(numbers)})`,
  );
}

function someOf(numbers: number[]): string {
  const shown = numbers.slice(0, 8).join(', ');
  return numbers.length > 8 ? `${shown} and ${numbers.length - 8} more` : shown;
}
