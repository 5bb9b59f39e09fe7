/**
 * A connection that the server has not accepted when the container is frozen. Where the scenario says `retry`, CRIU
 * refuses the dump, the container goes on, and the dump is begun anew: by then the server has accepted it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { imageDirectory, prepareImages } from './images.ts';
import type { Migration, Moved } from './migrate.ts';
import { runsOn } from './rollback.ts';

const TRIES_AT_MOST = 10;
const REST_MS = 20;
const LOG_BYTES_AT_MOST = 64 * 1024 * 1024;

/** Moves it, by as many dumps as it takes up to ten; what the last of them observed. */
export async function withRetries(
  migration: Migration,
  move: () => Promise<Moved>,
): Promise<{ moved: Moved; retries: number }> {
  let moved = await move();
  let retries = 0;
  if (migration.scenario.migration.inFlight === 'skip') return { moved, retries };
  while (retries + 1 < TRIES_AT_MOST && (await wasInFlight(migration, moved))) {
    await sleep(REST_MS);
    await prepareImages(migration);
    moved = await move();
    retries++;
  }
  return { moved, retries };
}

async function wasInFlight(migration: Migration, { failed }: Moved): Promise<boolean> {
  if (failed?.phase !== 'dump') return false;
  const { source, container } = migration;
  const log = await source.host.get(`${imageDirectory(migration)}/dump.log`, LOG_BYTES_AT_MOST);
  if (!log?.includes('In-flight connection')) return false;
  return runsOn(source, container);
}
