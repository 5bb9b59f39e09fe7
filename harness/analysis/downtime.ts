/** What the client saw of one migration: downtime with its bracket, requests lost, and the longest latency. */
import type {
  AnsweredSample,
  Downtime,
  FailureKind,
  FrozenWindow,
  Instant,
  MigrationObservation,
  MigrationResult,
  OrUnknown,
  ProbePlan,
  Sample,
} from '../model.ts';
import { isUnknown, unknown } from './intervals.ts';
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
 *
 * A request that was in flight when the tasks were stopped is answered after they run again, maybe under the name that
 * the server had read before: it was the destination all the same.
 */
export function downtimeOf(
  observation: MigrationObservation,
  view: ClientView,
  plan: Pick<ProbePlan, 'ratePerSecond' | 'mode'>,
  frozen: OrUnknown<Pick<FrozenWindow, 'stopped' | 'running'>>,
): OrUnknown<Downtime> {
  if (observation.outcome.state === 'failed')
    return unknown(`the migration failed at ${observation.outcome.phase}`);
  const { source, destination, begunMs } = observation;
  const carriedOver = ({ sent, end }: AnsweredSample): boolean =>
    !isUnknown(frozen) && sent <= frozen.stopped.latest && end >= frozen.running.earliest;
  const all = answers(view);
  const first = earliest(
    all.filter((sample) => (sample.host === destination && sample.end >= begunMs) || carriedOver(sample)),
  );
  if (first === null) return unknown(`no answer of ${destination} was received`);
  const last = latest(
    all.filter((sample) => sample.host === source && sample.end <= first.end && !carriedOver(sample)),
  );
  if (last === null) return unknown(`no answer of ${source} was received before it`);
  return {
    ms: micro(first.end - last.end),
    lastAnswerMs: last.end,
    firstAnswerMs: first.end,
    bracketMs: micro(first.end - last.sent),
    resolutionMs: micro(plan.mode === 'between' ? first.due - last.due : 1_000 / plan.ratePerSecond),
  };
}

function earliest(samples: readonly AnsweredSample[]): AnsweredSample | null {
  return samples.reduce<AnsweredSample | null>(
    (best, sample) => (best === null || sample.end < best.end ? sample : best),
    null,
  );
}

function latest(samples: readonly AnsweredSample[]): AnsweredSample | null {
  return samples.reduce<AnsweredSample | null>(
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
