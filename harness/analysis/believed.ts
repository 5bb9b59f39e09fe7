/** CRIU's statistics, where they can be true. */
import type { DumpStats, MigrationObservation, OrUnknown } from '../model.ts';
import { unknown } from './intervals.ts';

const TIMES = ['freezing_time', 'frozen_time', 'memdump_time', 'memwrite_time'] as const;

/**
 * CRIU 3.17 leaves a stats-dump of a lazy dump whose times were never taken: no part of a dump lasts longer than the
 * command that made it lived, and a wall clock that was set is told by the clocks.
 */
export function believed(
  stats: DumpStats | null,
  { steps }: Pick<MigrationObservation, 'steps'>,
  wallSet: boolean,
): OrUnknown<DumpStats> {
  if (stats === null) return unknown('CRIU wrote no stats-dump');
  const command = steps['page-server'] ?? steps.checkpoint;
  if (command === undefined || wallSet) return stats;
  const livedMs = command.exit.latest - command.exec.earliest;
  const wrong = TIMES.find((field) => stats[field] / 1_000 > livedMs);
  if (wrong === undefined) return stats;
  return unknown(
    `stats-dump cannot be true: ${wrong} is ${Math.round(stats[wrong] / 1_000)} ms, and the command lived ${Math.round(livedMs)} ms`,
  );
}
