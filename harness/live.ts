/** What a terminal shows of a run while it goes on. Nothing is read, computed or drawn in a freeze. */
import type { Clock } from './clock.ts';
import type { Leg } from './migration/itinerary.ts';
import type { Instant, MigrationObservation, Part, Phase, Sample, Scenario } from './model.ts';
import { type LiveState, renderLive } from './report/live.ts';
import type { Progress } from './report/progress.ts';

export interface Live {
  onPhase(leg: Leg, phase: Phase): void;
  onFinished(observation: MigrationObservation): void;
}

export interface LiveParts {
  scenario: Scenario;
  clock: Clock;
  progress: Progress;
  history: History;
  /** Adds to the history what lies on disk by now: the probe is not asked for anything. */
  look(): void;
}

const BUCKET_MS = 500;
const BUCKETS = 120;

export function openLive({ scenario, clock, progress, history, look }: LiveParts): Live {
  const { warmUp, count, forMs } = scenario.migration;
  const migrations = { finished: 0, failed: 0, total: forMs === null ? warmUp + count : null };
  const begunMs = clock.now();
  let firstMs: Instant | null = null;
  let now: LiveState['now'] = null;
  const state = (): LiveState => {
    const nowMs = clock.now();
    // The last picture before a freeze is drawn with what is known already.
    if (now?.part !== 'frozen') look();
    const elapsedMs = nowMs - begunMs;
    return { ...history.until(nowMs), now, migrations, elapsedMs, leftMs: leftAt(nowMs) };
  };
  const leftAt = (nowMs: Instant): number | null => {
    const { finished, total } = migrations;
    if (total !== null) return finished === 0 ? null : ((nowMs - begunMs) / finished) * (total - finished);
    return firstMs === null || forMs === null ? null : Math.max(0, firstMs + forMs - nowMs);
  };
  const show = () => progress.view((style) => renderLive(state(), style));
  return {
    onPhase({ number, source, destination }, phase) {
      const part = partOf(phase);
      firstMs ??= clock.now();
      // Within the freeze nothing is done.
      if (now?.number === number && now.part === part) return;
      if (now?.number !== number) show();
      now = { number, source, destination, part };
      if (part === 'frozen') progress.hold();
      else progress.release();
    },
    onFinished({ outcome }) {
      migrations.finished++;
      if (outcome.state === 'failed') migrations.failed++;
      now = null;
    },
  };
}

function partOf(phase: Phase): Part {
  const frozen = phase === 'dump' || phase === 'transfer' || phase === 'handover' || phase === 'restore';
  return frozen ? 'frozen' : phase;
}

export interface History {
  add(sample: Sample): void;
  until(nowMs: Instant): Pick<LiveState, 'hosts' | 'lost' | 'bucketMs' | 'requests'>;
}

/** Answers by host and losses, in stretches of time; the oldest are forgotten. */
export function openHistory(path: readonly string[]): History {
  const requests = { answered: 0, lost: 0 };
  const hosts = new Map([...new Set(path)].map((host) => [host, new Map<number, number>()]));
  const lost = new Map<number, number>();
  let last: { host: string; end: Instant } | null = null;
  const bucketOf = (instant: Instant): number => Math.floor(instant / BUCKET_MS);
  const window = (buckets: Map<number, number>, newest: number): number[] => {
    forget(buckets, newest - BUCKETS);
    return Array.from({ length: BUCKETS }, (_, i) => buckets.get(newest - BUCKETS + 1 + i) ?? 0);
  };
  return {
    add(sample) {
      if (sample.state !== 'answered') {
        requests.lost++;
        increase(lost, bucketOf(sample.state === 'failed' ? sample.end : sample.due));
        return;
      }
      requests.answered++;
      const buckets = hosts.get(sample.host);
      if (buckets === undefined) return;
      increase(buckets, bucketOf(sample.end));
      if (last === null || sample.end >= last.end) last = { host: sample.host, end: sample.end };
    },
    until(nowMs) {
      // The one that goes on is half empty, and would look like an outage.
      const newest = bucketOf(nowMs) - 1;
      return {
        hosts: [...hosts].map(([name, buckets]) => ({
          name,
          serves: last?.host === name,
          answers: window(buckets, newest),
        })),
        lost: window(lost, newest),
        bucketMs: BUCKET_MS,
        requests: { ...requests },
      };
    },
  };
}

function increase(buckets: Map<number, number>, bucket: number): void {
  buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
  // Where nobody looks, as in a pipe, nothing else does.
  if (buckets.size > 2 * BUCKETS) forget(buckets, bucket - BUCKETS);
}

function forget(buckets: Map<number, number>, until: number): void {
  for (const bucket of buckets.keys()) if (bucket <= until) buckets.delete(bucket);
}
