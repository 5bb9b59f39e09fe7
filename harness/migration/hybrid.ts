/** Hybrid: memory is dumped while the container runs, and what has changed since follows it page by page. */
import type { PreDumpPlan } from '../model.ts';
import type { Migration, Moved } from './migrate.ts';
import { postCopy } from './post-copy.ts';
import { withPreDumps } from './pre-copy.ts';

export function hybrid(migration: Migration, plan: PreDumpPlan): Promise<Moved> {
  return withPreDumps(migration, plan, (added) => postCopy(migration, added));
}
