/** What makes a comparison weaker than it looks. */
import { counted } from '../../counted.ts';
import type { RunRecord } from '../../model.ts';
import type { Runs } from './pairs.ts';

export function notesOf({ base, candidate }: Runs): string[] {
  const unfinished = [...base, ...candidate].filter(({ outcome }) => outcome !== 'completed').map(ending);
  const once = base.length === 1 && candidate.length === 1;
  return [...unfinished, ...(once ? [DRIFT] : [])];
}

const DRIFT =
  'one run on each side: a machine that became busier between them looks like a difference; run both in turns';

function ending({ head, outcome, migrations }: RunRecord): string {
  const done = migrations.filter(({ warmUp }) => !warmUp).length;
  return `${head.id}: ${outcome} after ${done} of ${counted(head.scenario.migration.count, 'migration')}`;
}
