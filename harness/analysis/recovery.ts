/** Recovery: after the first answer, the time until latency and errors are back at their level before. */
import type { Instant, OrUnknown, Sample } from '../model.ts';
import type { ClientView } from './downtime.ts';
import { unknown } from './intervals.ts';
import { micro, quantile } from './statistics.ts';

const BASELINE_LEAST = 20;
const WINDOW = 10;

/**
 * From the first answer to the first request of the first ten in a row (in the order in which they were due) that
 * were all answered with a median latency of at most the 95th percentile before the migration. Milliseconds.
 */
export function recoveryOf(view: ClientView, firstAnswerMs: Instant): OrUnknown<number> {
  const baseline = latencies(
    view.before.filter(({ due }) => due >= (view.settledMs ?? Number.NEGATIVE_INFINITY)),
  );
  if (baseline.length < BASELINE_LEAST)
    return unknown(`fewer than ${BASELINE_LEAST} answers in undisturbed service before the migration`);
  const level = quantile(baseline, 0.95) as number;
  const after = view.own.filter((sample) => sample.due >= firstAnswerMs).sort((a, b) => a.due - b.due);
  for (let start = 0; start + WINDOW <= after.length; start++) {
    const window = after.slice(start, start + WINDOW);
    const answered = latencies(window);
    if (answered.length === WINDOW && (quantile(answered, 0.5) as number) <= level) {
      return micro(Math.max(0, (window[0] as Sample).due - firstAnswerMs));
    }
  }
  return unknown('it was not back at its level before the next migration, or the end of the run');
}

function latencies(samples: readonly Sample[]): number[] {
  return samples.flatMap((sample) => (sample.state === 'answered' ? [sample.end - sample.due] : []));
}
