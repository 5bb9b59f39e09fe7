/** Which host served: stretches of answers by one host, in the order in which the client received them. */
import type { AnsweredSample, HostName, Instant, MigrationObservation, ServedBy } from '../model.ts';
import { landing } from './connections.ts';

/**
 * Folds answers in the order in which they were received; a stretch ends where another host answers. An answer of the
 * host before that had been sent for before the change was only overtaken: it counts in its own stretch.
 */
export function servedBy(): { add(sample: AnsweredSample): void; stretches(): ServedBy[] } {
  const stretches: ServedBy[] = [];
  return {
    add({ host, sent, end }) {
      const current = stretches.at(-1);
      const previous = stretches.at(-2);
      if (current?.host === host) extend(current, end);
      else if (current !== undefined && previous?.host === host && sent <= current.firstMs)
        extend(previous, end);
      else stretches.push({ host, firstMs: end, lastMs: end, answers: 1 });
    },
    stretches: () => stretches,
  };
}

function extend(stretch: ServedBy, end: Instant): void {
  stretch.lastMs = Math.max(stretch.lastMs, end);
  stretch.answers++;
}

/** The hosts that must have answered, in order: where it began, and each host that a migration left it on. */
export function expectedHosts(
  path: readonly HostName[],
  observations: readonly Pick<MigrationObservation, 'outcome' | 'destination'>[],
): HostName[] {
  const hosts = [path[0] as HostName];
  for (const { outcome, destination } of observations) {
    const landed = landing({ outcome, destination });
    if (landed !== null && hosts.at(-1) !== landed) hosts.push(landed);
  }
  return hosts;
}
