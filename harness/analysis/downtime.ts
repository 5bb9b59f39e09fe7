/** What the client saw of one migration: downtime with its bracket, requests lost, latency, connections. */
import type {
  AnsweredSample,
  Downtime,
  FailureKind,
  Instant,
  MigrationObservation,
  MigrationResult,
  OrUnknown,
  ProbePlan,
  Sample,
} from '../model.ts';
import { unknown } from './intervals.ts';
import { micro } from './statistics.ts';

/** The samples that belong to one migration. */
export interface ClientView {
  /** Due in the seconds before it began: the level that it is compared with. */
  before: readonly Sample[];
  /** Due from its begin to the begin of the next one. */
  own: readonly Sample[];
}

/** From the last answer of the source to the first of the destination, as the client received them. */
export function downtimeOf(
  observation: MigrationObservation,
  view: ClientView,
  plan: Pick<ProbePlan, 'ratePerSecond' | 'mode'>,
): OrUnknown<Downtime> {
  if (observation.outcome.state === 'failed')
    return unknown(`the migration failed at ${observation.outcome.phase}`);
  const first = firstAnswer(view, observation.destination, observation.begunMs);
  if (first === null) return unknown(`no answer of ${observation.destination} was received`);
  const last = lastAnswer(view, observation.source, first.end);
  if (last === null) return unknown(`no answer of ${observation.source} was received before it`);
  return {
    ms: micro(first.end - last.end),
    lastAnswerMs: last.end,
    firstAnswerMs: first.end,
    bracketMs: micro(first.end - last.sent),
    // Without requests during the migration, nothing finer is known than the time between two of them.
    resolutionMs: micro(plan.mode === 'between' ? first.due - last.due : 1_000 / plan.ratePerSecond),
  };
}

/** The first answer of a host that was received after an instant. */
export function firstAnswer(view: ClientView, host: string, afterMs: Instant): AnsweredSample | null {
  return answers(view)
    .filter((sample) => sample.host === host && sample.end >= afterMs)
    .reduce<AnsweredSample | null>(
      (best, sample) => (best === null || sample.end < best.end ? sample : best),
      null,
    );
}

function lastAnswer(view: ClientView, host: string, beforeMs: Instant): AnsweredSample | null {
  return answers(view)
    .filter((sample) => sample.host === host && sample.end <= beforeMs)
    .reduce<AnsweredSample | null>(
      (best, sample) => (best === null || sample.end > best.end ? sample : best),
      null,
    );
}

function answers({ before, own }: ClientView): AnsweredSample[] {
  return [...before, ...own].filter((sample) => sample.state === 'answered');
}

export function noLosses(): Record<FailureKind | 'dropped', number> {
  return { refused: 0, reset: 0, timeout: 0, unreachable: 0, garbled: 0, other: 0, dropped: 0 };
}

/** Requests without an answer, by kind, attributed to the migration during or after which they were due. */
export function lostIn({ own }: ClientView): MigrationResult['lost'] {
  const lost = noLosses();
  for (const sample of own) {
    if (sample.state === 'failed') lost[sample.kind]++;
    if (sample.state === 'dropped') lost.dropped++;
  }
  return lost;
}

/** The longest time from due to the end of an answer. */
export function longestLatency({ own }: ClientView): OrUnknown<number> {
  let longest: number | null = null;
  for (const sample of own) {
    if (sample.state === 'answered') longest = Math.max(longest ?? 0, sample.end - sample.due);
  }
  return longest === null ? unknown('no answer was received') : micro(longest);
}

/** Of the connections that answered before the migration, those that answered after it, and those that did not. */
export function connectionsOf(
  observation: MigrationObservation,
  view: ClientView,
  plan: Pick<ProbePlan, 'connection'>,
): MigrationResult['connections'] {
  if (plan.connection.kind === 'per-request') return unknown('each request has a connection of its own');
  const before = new Set(view.before.flatMap((s) => (s.state === 'answered' ? [s.connection] : [])));
  if (before.size === 0) return unknown('no connection had answered before');
  const after = new Set(
    view.own.flatMap((s) => (s.state === 'answered' && s.end > observation.endedMs ? [s.connection] : [])),
  );
  if (after.size === 0) return unknown('no answer was received after it');
  const survived = [...before].filter((connection) => after.has(connection)).length;
  return { survived, broken: before.size - survived };
}

/** Answers of the source that were sent for after the destination had answered: two hosts at once. */
export function splitBrain(observation: MigrationObservation, view: ClientView): number {
  if (observation.outcome.state === 'failed') return 0;
  const first = firstAnswer(view, observation.destination, observation.begunMs);
  if (first === null) return 0;
  return view.own.filter((s) => s.state === 'answered' && s.host === observation.source && s.sent > first.end)
    .length;
}
