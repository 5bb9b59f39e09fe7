/** Which host served: stretches of answers by one host, in the order in which the client received them. */
import type { AnsweredSample, HostName, MigrationObservation, ServedBy } from '../model.ts';

/** Folds answers in the order in which they come; a stretch ends where another host answers. */
export function servedBy(): { add(sample: AnsweredSample): void; stretches(): ServedBy[] } {
  const stretches: ServedBy[] = [];
  return {
    add({ host, end }) {
      const current = stretches.at(-1);
      if (current?.host === host) {
        current.lastMs = Math.max(current.lastMs, end);
        current.answers++;
      } else stretches.push({ host, firstMs: end, lastMs: end, answers: 1 });
    },
    stretches: () => stretches,
  };
}

/** The hosts that must have answered, in order: where it began, and each destination that was reached. */
export function expectedHosts(
  path: readonly HostName[],
  observations: readonly Pick<MigrationObservation, 'outcome' | 'destination'>[],
): HostName[] {
  const hosts = [path[0] as HostName];
  for (const { outcome, destination } of observations) {
    if (outcome.state === 'completed' && hosts.at(-1) !== destination) hosts.push(destination);
  }
  return hosts;
}
