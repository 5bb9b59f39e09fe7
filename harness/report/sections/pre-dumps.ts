/** What the pre-dumps took and wrote, beside what was left for the dump; medians over the measured migrations. */
import { median } from 'simple-statistics';
import type { DumpStats, MigrationResult, OrUnknown, RunRecord } from '../../model.ts';
import { measured } from '../measurements.ts';
import { count, isUnknown, mebibytes, roughMs } from '../numbers.ts';
import { heading, paintOf, type Style } from '../style.ts';
import { table } from '../text.ts';

/** Empty for a strategy without pre-dumps. */
export function preDumpSection(record: RunRecord, style: Style): string[] {
  const rows = preDumpRows(record);
  if (rows.length === 0) return [];
  const [head = '', ...lines] = table([PRE_DUMP_COLUMNS, ...rows], 'lrrrrr', style.width);
  return [heading(style, 'Pre-dumps', PRE_DUMP_NOTE), paintOf(style).dim(head), ...lines];
}

export const PRE_DUMP_NOTE = 'medians; the container runs on but for frozen_time';
export const PRE_DUMP_COLUMNS = ['', 'took', 'frozen_time', 'pages', 'in', 'n'];

/** A row for each pre-dump and one for the dump, under `PRE_DUMP_COLUMNS`; empty for a strategy without pre-dumps. */
export function preDumpRows(record: RunRecord): string[][] {
  const migrations = measured(record).filter(({ preDumps }) => preDumps.length > 0);
  if (migrations.length === 0) return [];
  const most = Math.max(...migrations.map(({ preDumps }) => preDumps.length));
  const rows = Array.from({ length: most }, (_, i) => {
    const each = migrations.flatMap(({ preDumps }) => preDumps[i] ?? []);
    const took = roughMs(median(each.map(({ duration }) => duration.ms)));
    return [`pre-dump ${i + 1}`, took, ...written(each), String(each.length)];
  });
  return [...rows, dumpRow(migrations)];
}

interface Written {
  stats: OrUnknown<DumpStats>;
  pageImageBytes: number | null;
}

function dumpRow(migrations: readonly MigrationResult[]): string[] {
  const all = migrations.map(({ dumpStats }): Written => ({ stats: dumpStats, pageImageBytes: null }));
  const took = migrations.flatMap(({ spans }) => spans.filter(({ name }) => name === 'dump'));
  const ms = took.map(({ start, end }) => (end.earliest + end.latest - start.earliest - start.latest) / 2);
  return ['dump', ms.length === 0 ? '-' : roughMs(median(ms)), ...written(all), String(migrations.length)];
}

function written(all: readonly Written[]): string[] {
  const stats = all.flatMap((one) => (isUnknown(one.stats) ? [] : one.stats));
  const bytes = all.flatMap(({ pageImageBytes }) => pageImageBytes ?? []);
  const of = (values: number[], text: (value: number) => string): string =>
    values.length === 0 ? '-' : text(median(values));
  return [
    of(
      stats.map(({ frozen_time }) => frozen_time / 1_000),
      roughMs,
    ),
    of(
      stats.map(({ pages_written }) => pages_written),
      count,
    ),
    of(bytes, mebibytes),
  ];
}
