/** Hybrid: memory is dumped while the container runs, and what has changed since follows it page by page. */
import type { Migration, Moved } from './migrate.ts';
import { postCopy } from './post-copy.ts';
import { withPreDumps } from './pre-copy.ts';

export function hybrid(migration: Migration, preDumps: number): Promise<Moved> {
  return withPreDumps(migration, preDumps, (added) => postCopy(migration, added));
}
