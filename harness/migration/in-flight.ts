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

/** Moves it, by as many dumps as it takes up to ten; what the last of them observed. `onRetry`: before each but the first. */
export async function withRetries(
  migration: Migration,
  move: () => Promise<Moved>,
  onRetry: () => void,
): Promise<Moved> {
  let moved = await move();
  if (migration.scenario.migration.inFlight === 'skip') return moved;
  for (let tries = 1; tries < TRIES_AT_MOST && (await wasInFlight(migration, moved)); tries++) {
    onRetry();
    await sleep(REST_MS);
    await prepareImages(migration);
    moved = await move();
  }
  return moved;
}

async function wasInFlight(migration: Migration, { failed }: Moved): Promise<boolean> {
  if (failed?.phase !== 'dump') return false;
  const { source, container } = migration;
  const log = await source.host.get(`${imageDirectory(migration)}/dump.log`, LOG_BYTES_AT_MOST);
  if (!log?.includes('In-flight connection')) return false;
  return (await runsOn(source, container)) === true;
}
