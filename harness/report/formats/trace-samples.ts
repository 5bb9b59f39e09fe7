/** Samples folded for a trace while they are read, in memory that does not grow with the run. */
import type { FailedSample, FailureKind, Instant, Sample } from '../../model.ts';
import { safeText } from '../text.ts';

/** A request without an answer. */
export interface LostRequest {
  n: number;
  dueMs: Instant;
  /** Null where it was not sent. */
  sentMs: Instant | null;
  endMs: Instant | null;
  detail: string | null;
}

/** Of all requests that were lost in a way, those that are shown: each one, or one of so many in a row. */
export interface LostOfKind {
  kind: FailureKind | 'dropped';
  seen: number;
  shown: LostRequest[];
}

/** How many there were in each bucket; a bucket without any at the end is not there. */
export interface Counted {
  name: string;
  counts: number[];
}

export interface TracedSamples {
  bucketMs: number;
  /** By the host that answered, and when the answer was received. */
  answered: Counted[];
  /** By kind, and when the request was due. */
  lost: Counted[];
  lostRequests: LostOfKind[];
}

export interface TraceLimits {
  buckets: number;
  hosts: number;
  /** Lost requests that are shown of each kind. */
  lostOfKind: number;
}

const BUCKET_MS = 100;
/** An hour of buckets; of a longer run they become wider. */
const LIMITS: TraceLimits = { buckets: 36_000, hosts: 20, lostOfKind: 2_000 };
const HOST_COLUMNS = 100;
const DETAIL_COLUMNS = 200;
export const OTHER_HOSTS = '(other hosts)';

/** Takes samples in any order; the same ones in the same order give the same. */
export function collectTraced(limits: TraceLimits = LIMITS): {
  add(sample: Sample): void;
  fold(): TracedSamples;
} {
  const answered = histogram(limits.buckets);
  const lost = histogram(limits.buckets);
  const nameOf = hostNames(limits.hosts);
  const lostRequests = new Map<LostOfKind['kind'], ReturnType<typeof spread>>();
  return {
    add(sample) {
      if (sample.state === 'answered') {
        answered.add(nameOf(sample.host), sample.end);
        return;
      }
      const kind = sample.state === 'failed' ? sample.kind : 'dropped';
      lost.add(kind, sample.due);
      const known = lostRequests.get(kind) ?? spread(limits.lostOfKind);
      lostRequests.set(kind, known);
      known.add(sample);
    },
    fold() {
      const bucketMs = Math.max(answered.bucketMs(), lost.bucketMs());
      return {
        bucketMs,
        answered: answered.counts(bucketMs),
        lost: lost.counts(bucketMs),
        lostRequests: [...lostRequests].map(([kind, one]) => ({ kind, ...one.kept() })),
      };
    },
  };
}

/** Counts by name and time. Where the time would need too many buckets, two become one. */
function histogram(atMost: number) {
  const byName = new Map<string, number[]>();
  let width = BUCKET_MS;
  const widen = (): void => {
    for (const [name, counts] of byName) byName.set(name, paired(counts));
    width *= 2;
  };
  return {
    add(name: string, at: Instant): void {
      while (at >= width * atMost) widen();
      const counts = byName.get(name) ?? [];
      byName.set(name, counts);
      const bucket = Math.max(0, Math.floor(at / width));
      while (counts.length <= bucket) counts.push(0);
      counts[bucket] = (counts[bucket] as number) + 1;
    },
    bucketMs: (): number => width,
    /** `bucketMs`: at least as wide as its own. */
    counts(bucketMs: number): Counted[] {
      while (width < bucketMs) widen();
      return [...byName].map(([name, counts]) => ({ name, counts }));
    },
  };
}

function paired(counts: readonly number[]): number[] {
  return Array.from(
    { length: Math.ceil(counts.length / 2) },
    (_, i) => (counts[2 * i] as number) + (counts[2 * i + 1] ?? 0),
  );
}

/** A server may name itself differently in each answer: the first so many are told apart. */
function hostNames(atMost: number): (host: string) => string {
  const names = new Map<string, string>();
  return (host) => {
    const known = names.get(host);
    if (known !== undefined) return known;
    if (names.size >= atMost) return OTHER_HOSTS;
    const name = safeText(host, HOST_COLUMNS);
    names.set(host, name);
    return name;
  };
}

/** Of requests in a row keeps each, each second, each fourth …, so that those kept lie all over the run. */
function spread(atMost: number) {
  let shown: LostRequest[] = [];
  let seen = 0;
  let stride = 1;
  return {
    add(sample: Exclude<Sample, { state: 'answered' }>): void {
      if (seen++ % stride !== 0) return;
      shown.push(lostRequest(sample));
      if (shown.length <= atMost) return;
      shown = shown.filter((_, i) => i % 2 === 0);
      stride *= 2;
    },
    kept: () => ({ seen, shown }),
  };
}

function lostRequest(sample: Exclude<Sample, { state: 'answered' }>): LostRequest {
  const { n, due } = sample;
  const sent: Partial<FailedSample> = sample.state === 'failed' ? sample : {};
  return {
    n,
    dueMs: due,
    sentMs: sent.sent ?? null,
    endMs: sent.end ?? null,
    detail: sent.detail === undefined ? null : safeText(sent.detail, DETAIL_COLUMNS),
  };
}
