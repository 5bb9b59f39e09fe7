/** Why a migration failed, in one line. Pure. */
import { failedOn } from '../../diagnosis/words.ts';
import type { MigrationResult } from '../../model.ts';

/** `restore failed on rhel02: what the diagnosis says of it`; null where it completed. */
export function causeOf({ outcome, diagnosis, source, destination }: MigrationResult): string | null {
  if (outcome.state === 'completed') return null;
  const host = failedOn({ outcome, source, destination });
  const { cause, line } = diagnosis ?? { cause: 'unknown', line: null };
  return `${outcome.phase} failed on ${host}: ${(diagnosis?.failure ?? null) === null && line !== null ? line.text : cause}`;
}
