/** Deals the stream of samples out to the migrations that they belong to, in one pass. */
import type { Instant, Sample } from '../model.ts';
import type { ClientView } from './downtime.ts';

/** How much of the time before a migration it is compared with. */
export const BEFORE_MS = 2_000;

/**
 * Calls `take` once for each migration, in order, with its samples. A sample is written when it ends, up to `lateMs`
 * after it was due. Holds no more than the samples of migrations that may still get some: the memory does not grow
 * with the run.
 */
export function dealOut(
  { begins, lateMs }: { begins: readonly Instant[]; lateMs: number },
  samples: Iterable<Sample>,
  each: (sample: Sample) => void,
  take: (index: number, view: ClientView) => void,
): void {
  const open = new Map<number, { before: Sample[]; own: Sample[] }>();
  const viewOf = (index: number): { before: Sample[]; own: Sample[] } => {
    const view = open.get(index) ?? { before: [], own: [] };
    open.set(index, view);
    return view;
  };
  let done = 0;
  for (const sample of samples) {
    each(sample);
    const owner = ownerOf(begins, sample.due);
    if (owner >= done) viewOf(owner).own.push(sample);
    for (let next = Math.max(owner + 1, done); next < begins.length; next++) {
      if (sample.due < (begins[next] as Instant) - BEFORE_MS) break;
      viewOf(next).before.push(sample);
    }
    while (done + 1 < begins.length && sample.due > (begins[done + 1] as Instant) + lateMs) {
      take(done, viewOf(done));
      open.delete(done++);
    }
  }
  for (; done < begins.length; done++) {
    take(done, viewOf(done));
    open.delete(done);
  }
}

/** The last migration that had begun when the sample was due; −1 before the first. */
function ownerOf(begins: readonly Instant[], due: Instant): number {
  let low = 0;
  let high = begins.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((begins[mid] as Instant) <= due) low = mid + 1;
    else high = mid;
  }
  return low - 1;
}
