/** The spans of a migration on the common clock. A span that did not happen is not there. */
import type { Downtime, MigrationObservation, OrUnknown, Span } from '../model.ts';
import { isUnknown, roundInterval } from './intervals.ts';

export function spansOf(
  { steps, preDumps, destination }: MigrationObservation,
  downtime: OrUnknown<Downtime>,
  recoveryMs: OrUnknown<number>,
): Span[] {
  const { checkpoint, restore, transfer: sent } = steps;
  const claimed = steps['claim-address'];
  const spans: Span[] = [];
  const add = (name: Span['name'], host: Span['host'], start: Span['start'], end: Span['end']): void => {
    spans.push({ name, host, start: roundInterval(start), end: roundInterval(end) });
  };
  for (const { span } of preDumps) add('pre-dump', span.host, span.exec, span.exit);
  if (checkpoint !== undefined) add('dump', checkpoint.host, checkpoint.exec, checkpoint.exit);
  if (sent !== undefined) add('transfer', sent.host, sent.exec, sent.exit);
  if (checkpoint !== undefined && claimed !== undefined) {
    add(
      'handover',
      destination,
      steps['release-address']?.exec ?? checkpoint.exit,
      (steps['claim-hook'] ?? claimed).exit,
    );
  }
  if (restore !== undefined) add('restore', restore.host, restore.exec, restore.exit);
  const { 'lazy-transfer': transfer } = steps;
  if (restore !== undefined && transfer !== undefined) {
    add('lazy-pages', transfer.host, restore.exit, transfer.exit);
  }
  if (!isUnknown(downtime)) {
    const first = at(downtime.firstAnswerMs);
    if (restore !== undefined) {
      const start = {
        earliest: Math.min(restore.exit.earliest, first.earliest),
        latest: Math.min(restore.exit.latest, first.latest),
      };
      add('first-response', 'client', start, first);
    }
    if (!isUnknown(recoveryMs)) add('recovery', 'client', first, at(downtime.firstAnswerMs + recoveryMs));
  }
  return spans;
}

function at(instant: number): Span['start'] {
  return { earliest: instant, latest: instant };
}
