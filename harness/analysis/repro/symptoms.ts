/** How a run failed, in words that stay the same when it fails so again: not its times, PIDs or addresses. */
import type { Diagnosis, MigrationResult, RunRecord } from '../../model.ts';

/** Each kind of failure of a run once, in the order in which it came; empty where nothing failed. */
export function symptomsOf(record: RunRecord): string[] {
  const { migrations, verdicts, tail } = record;
  const failed = migrations.flatMap((one) => migrationSymptom(one) ?? []);
  // That migrations failed has been told.
  const checks = verdicts.filter(({ state, check }) => state === 'fail' && check !== 'failed migrations');
  const ended =
    record.outcome === 'failed' && failed.length === 0 ? [`the run ended: ${same(tail?.reason)}`] : [];
  return [...new Set([...failed, ...ended, ...checks.map(({ check }) => `check: ${check}`)])];
}

/** Whether what was looked for can be told at all: a run that was skipped or cut short tells nothing. */
export function tells({ outcome, tail, migrations }: RunRecord): boolean {
  return tail !== null && (outcome === 'completed' || outcome === 'failed') && migrations.length > 0;
}

/** `restore failed: inotify-handle`; by its line where the failure is unknown. Null where it completed. */
export function migrationSymptom({ outcome, diagnosis }: MigrationResult): string | null {
  if (outcome.state === 'completed') return null;
  return `${outcome.phase} failed: ${wordsOf(diagnosis) ?? same(outcome.error)}`;
}

function wordsOf(diagnosis: Diagnosis | null): string | null {
  if (diagnosis === null) return null;
  const { failure, line } = diagnosis;
  if (failure !== null) return failure;
  return line === null ? null : same(line.text);
}

/** The first line without what differs from one time to the next: CRIU's offset, numbers, hexadecimal. */
function same(text: string | null | undefined): string {
  const [first = ''] = (text ?? 'no reason was told').replace(/^\([0-9.]+\)\s*/, '').split('\n');
  return first
    .replace(/\b0x[0-9a-f]+\b|\b[0-9a-f]{12,}\b/gi, 'N')
    .replace(/\d+/g, 'N')
    .slice(0, 200);
}
