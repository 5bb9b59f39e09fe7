/** What the client saw of one migration: downtime with its bracket, requests lost, and the longest latency. */
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
  /** Due from its begin to the begin of the next one, or to the end of the run. */
  own: readonly Sample[];
  /** When service was back from the migration before; samples due earlier are no level to compare with. */
  settledMs?: Instant;
}

/**
 * From the last answer of the source to the first of the destination, as the client received them. Where no client was
 * there during the migration, it is still given when both sides answered around it; its resolution is then the time
 * between the two requests, so that it says how little is known.
 */
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
