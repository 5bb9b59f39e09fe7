/** Which connections lived through a migration. */
import type { FailureKind, HostName, MigrationObservation, MigrationResult, ProbePlan } from '../model.ts';
import type { ClientView } from './downtime.ts';
import { unknown } from './intervals.ts';

/**
 * Of the connections that were in use when the migration began, those that carried an answer of the host where the
 * container then ran (survived), and those on which a request failed or that were not used again although the others
 * were, twice each on average (broken). Unknown where a connection may only have been idle.
 */
export function connectionsOf(
  observation: MigrationObservation,
  view: ClientView,
  plan: Pick<ProbePlan, 'connection'>,
): MigrationResult['connections'] {
  if (plan.connection.kind === 'per-request') return unknown('each request has a connection of its own');
  const used = inUse(view);
  if (used.size === 0) return unknown('no connection had answered before');
  const landed = landing(observation);
  const after = view.own.flatMap((sample) =>
    sample.state === 'answered' && sample.host === landed && sample.end >= earliestLanding(observation)
      ? [sample.connection]
      : [],
  );
  const alive = new Set(after);
  const failed = firstFailures(view);
  const gone = [...used].filter((connection) => !alive.has(connection));
  const silent = gone.filter((connection) => !failed.has(connection));
  if (silent.length > 0 && after.length < 2 * used.size) {
    return unknown(`${silent.length} of ${used.size} connections were not used after it`);
  }
  const by = (kind: FailureKind): number => gone.filter((one) => failed.get(one) === kind).length;
  return {
    survived: used.size - gone.length,
    broken: gone.length,
    reset: by('reset'),
    timedOut: by('timeout'),
  };
}

/** By connection, what first failed on it. */
function firstFailures({ own }: ClientView): Map<number, FailureKind> {
  const first = new Map<number, FailureKind>();
  for (const sample of [...own].sort((a, b) => a.due - b.due)) {
    if (sample.state !== 'failed' || sample.connection === null || first.has(sample.connection)) continue;
    first.set(sample.connection, sample.kind);
  }
  return first;
}

/** Connections whose last word before the migration was an answer. */
function inUse({ before, settledMs = Number.NEGATIVE_INFINITY }: ClientView): Set<number> {
  const used = new Set<number>();
  for (const sample of [...before].filter(({ due }) => due >= settledMs).sort((a, b) => a.due - b.due)) {
    if (sample.state === 'answered') used.add(sample.connection);
    // It broke in or after the migration before this one, and does not count again.
    else if (sample.state === 'failed' && sample.connection !== null) used.delete(sample.connection);
  }
  return used;
}

/** Where the container is after the migration; null: it is lost. */
export function landing({
  outcome,
  destination,
}: Pick<MigrationObservation, 'outcome' | 'destination'>): HostName | null {
  return outcome.state === 'completed' ? destination : outcome.survivor;
}

/** A survivor that is the source answered before the dump as well: only what it says after the migration counts. */
function earliestLanding({ outcome, begunMs, endedMs }: MigrationObservation): number {
  return outcome.state === 'completed' ? begunMs : endedMs;
}
