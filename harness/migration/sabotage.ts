/** What a scenario breaks on purpose at the restore or after it, so that a check can be seen to notice it. */

import { type CheckpointRequest, restoreArgv } from '../runtime/commands.ts';
import { startArgv } from '../runtime/container.ts';
import { tasksOf } from '../runtime/inspect.ts';
import { imageDirectory } from './images.ts';
import type { Migration } from './migrate.ts';

/** The command that brings the container up on the destination: `runc restore`, unless the scenario breaks it. */
export function sabotaged(migration: Migration, request: CheckpointRequest): string[] {
  const { sabotage } = migration.scenario.migration;
  if (sabotage === 'start-anew') return startArgv(request.container);
  // The first migration has none before it.
  if (sabotage === 'older-image' && migration.number > 1) {
    const older = imageDirectory({ ...migration, number: migration.number - 1 });
    return restoreArgv({ ...request, imagePath: older, logPath: request.imagePath });
  }
  return restoreArgv(request);
}

/** What is broken when the container has been restored. */
export async function sabotageRestored({ destination, container, scenario }: Migration): Promise<void> {
  if (scenario.migration.sabotage !== 'kill-process') return;
  const tasks = await tasksOf(destination.host, container);
  await destination.host.exec(['kill', '-KILL', String(tasks.at(-1))], LIMIT);
}

const LIMIT = { timeoutMs: 30_000 };
