/** Split brain: two hosts that serve at once. */
import type { AnsweredSample, HostName, Instant, MigrationObservation } from '../model.ts';
import type { ClientView } from './downtime.ts';

export interface SplitBrain {
  /** Answers that a host gave after another had taken its place. */
  answers: number;
  /** Whether the host where the container then ran answered at all: without, there is nothing to compare with. */
  heard: boolean;
}

/**
 * A request that was *sent* after a host's answer had been *received* was served later than it, however requests
 * overlap. So along such pairs the hosts of one migration may only take turns as it did: source, destination, and the
 * source again if it was rolled back. Every answer that needs a further turn is counted.
 */
export function splitBrain(observation: MigrationObservation, { own }: Pick<ClientView, 'own'>): SplitBrain {
  const answered = own.filter((sample) => sample.state === 'answered');
  const turns = turnsOf(observation);
  // When it is certain that a turn had begun: its first answer, and if the source comes back, the first that is later
  // than the destination's turn.
  const begun: Instant[] = [];
  turns.forEach((host, i) => {
    const since = i < 2 ? Number.NEGATIVE_INFINITY : (begun[i - 1] as Instant);
    begun.push(
      answered.reduce(
        (first, sample) =>
          sample.host === host && sample.sent > since && sample.end < first ? sample.end : first,
        Number.POSITIVE_INFINITY,
      ),
    );
  });
  const late = answered.filter((sample) => isLate(sample, turns, begun));
  return { answers: late.length, heard: answered.some(({ host }) => host === turns.at(-1)) };
}

function turnsOf({ source, destination, outcome }: MigrationObservation): HostName[] {
  if (outcome.state === 'completed') return [source, destination];
  // A failed migration may have answered from the destination before it was given up.
  return outcome.survivor === destination ? [source, destination] : [source, destination, source];
}

/** Sent when a later turn than any of its host's had begun, or by a host that had no turn at all. */
function isLate(
  { host, sent }: AnsweredSample,
  turns: readonly HostName[],
  begun: readonly Instant[],
): boolean {
  const lastTurn = turns.lastIndexOf(host);
  return begun.some((instant, turn) => turn > lastTurn && sent > instant);
}
