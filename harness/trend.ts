/** Histories: runs are added to them, and told over time. */
import { runIdOf } from './analysis/trend/history-run.ts';
import type { Trend } from './analysis/trend/model.ts';
import { type TrendOptions, trend } from './analysis/trend/trend.ts';
import { appendToHistory, readHistory, requireHistory } from './store/history.ts';
import { loadRecord } from './store/load-record.ts';

/**
 * Adds runs, each a run directory or a file with its record, that are not in the history yet. Without any it only
 * sees to it that the history is there and can be read and written. UsageError before anything is added where one
 * is no run; EnvironmentError where the file cannot be written.
 */
export async function addToHistory(
  file: string,
  runs: readonly string[],
): Promise<{ added: number; there: number }> {
  const records = await Promise.all(runs.map(loadRecord));
  await requireHistory(file);
  const ids = new Set(readHistory(file).runs.map(({ id }) => id));
  let added = 0;
  for (const record of records) {
    const id = runIdOf(record);
    if (ids.has(id)) continue;
    ids.add(id);
    await appendToHistory(file, record, id);
    added++;
  }
  return { added, there: runs.length - added };
}

/** UsageError where the file is no history, or has no such scenario or measurement. */
export async function trendOf(file: string, options: TrendOptions): Promise<Trend> {
  const { runs, skipped } = readHistory(file);
  const found = trend(runs, options);
  return { ...found, notes: [...skipped, ...found.notes] };
}
