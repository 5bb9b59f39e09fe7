/** A counter's memory over the whole run: is every request that it has answered contained in all later answers? */
import type { AnsweredSample, Instant, LostCounts, MemoryHistory } from '../model.ts';
import { type MigrationSpan, writeHistory } from './writes.ts';

interface Answer {
  sent: Instant;
  end: Instant;
  count: number;
}

export function memoryHistory(): {
  add(sample: AnsweredSample): void;
  told(migrations: readonly MigrationSpan[]): MemoryHistory | null;
} {
  const answers: Answer[] = [];
  const starts = new Map<string, Instant>();
  const writes = writeHistory();
  return {
    add(sample) {
      const { counted, sent, end } = sample;
      if (counted === undefined) return;
      answers.push({ sent, end, count: counted.count });
      writes.add(sample);
      starts.set(counted.since, Math.min(end, starts.get(counted.since) ?? end));
    },
    told(migrations) {
      if (answers.length === 0) return null;
      const migrationAt = (at: Instant): number | null =>
        migrations.findLast(({ begunMs }) => begunMs <= at)?.number ?? null;
      const lost = lostOf(answers);
      const written = writes.told(migrations);
      return {
        answers: answers.length,
        lost: lost.length,
        lostCounts: runsOf(lost.map(({ count, missedMs }) => ({ count, migration: migrationAt(missedMs) }))),
        since: [...starts]
          .sort(([, a], [, b]) => a - b)
          .map(([since, firstMs]) => ({ since, migration: migrationAt(firstMs) })),
        ...(written && { writes: written }),
      };
    },
  };
}

/**
 * An answer with count c says that its request was the c-th. So of a request that was *sent* after it was *received*
 * the count is greater, however requests overlap; where it is not, the memory that counted it is gone. Of two
 * requests that overlap and got the same count, one is lost too.
 */
function lostOf(answers: readonly Answer[]): { count: number; missedMs: Instant }[] {
  const bySent = [...answers].sort((a, b) => a.sent - b.sent);
  const leastFrom = leastCounts(bySent);
  const taken = new Set<number>();
  const lost: { count: number; missedMs: Instant }[] = [];
  // Where the first request that does not contain it was found: most often it contains the next one neither.
  let missing = 0;
  for (const { count, end } of [...answers].sort((a, b) => a.end - b.end)) {
    const later = firstSentAfter(bySent, end);
    if ((leastFrom[later] ?? Number.POSITIVE_INFINITY) <= count) {
      missing = Math.max(missing, later);
      while ((leastFrom[missing] as number) <= count && (bySent[missing] as Answer).count > count) missing++;
      if ((leastFrom[missing] as number) > count) missing = later;
      while ((bySent[missing] as Answer).count > count) missing++;
      lost.push({ count, missedMs: (bySent[missing] as Answer).end });
    } else if (taken.has(count)) lost.push({ count, missedMs: end });
    else taken.add(count);
  }
  return lost;
}

/** Counts in a row that were first missed in the same migration, as one entry. */
function runsOf(lost: readonly { count: number; migration: number | null }[]): LostCounts[] {
  const runs: LostCounts[] = [];
  for (const { count, migration } of lost) {
    const last = runs.at(-1);
    if (last?.migration === migration && count === last.to + 1) last.to = count;
    else runs.push({ from: count, to: count, migration });
  }
  return runs;
}

/** For each place the least count from there to the end. */
function leastCounts(bySent: readonly Answer[]): number[] {
  const least: number[] = new Array(bySent.length);
  let lowest = Number.POSITIVE_INFINITY;
  for (let i = bySent.length - 1; i >= 0; i--) {
    lowest = Math.min(lowest, (bySent[i] as Answer).count);
    least[i] = lowest;
  }
  return least;
}

function firstSentAfter(bySent: readonly Answer[], end: Instant): number {
  let low = 0;
  let high = bySent.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((bySent[mid] as Answer).sent > end) high = mid;
    else low = mid + 1;
  }
  return low;
}
