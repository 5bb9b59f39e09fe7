/** What is known of a run that goes on: what `thaw report` would make of it now, and the samples as they come. */
import { join } from 'node:path';
import { analyse } from '../analysis/analyse.ts';
import type { Instant, RunRecord, Sample } from '../model.ts';
import { tailSamples } from '../probe/samples.ts';
import { collectSamples, outcomeTable, type PackedSamples } from '../report/html/columns.ts';
import { type Excerpts, excerptsOf } from '../report/html/excerpts.ts';
import { loadRun } from '../store/load.ts';
import { loadRecord } from '../store/load-record.ts';
import { FILES } from '../store/store.ts';

export interface Following {
  record(): RunRecord;
  /** Of the logs of failed migrations. */
  excerpts(): Excerpts;
  /** All of them, thinned where they are many. */
  samples(): PackedSamples;
  /** Those that have come since it was last asked; null: none. */
  fresh(): PackedSamples | null;
  counts(): Pick<PackedSamples, 'entries' | 'requests' | 'outcomes'>;
  /**
   * Whether the record is another than it was. Of what comes later than `until` nothing is in it; null: the run has ended,
   * and its record is there.
   */
  derive(until: Instant | null): Promise<boolean>;
  close(): void;
}

/** To derive a record takes longer the longer a run is; it may take this share of the time. */
const SHARE = 0.1;

export async function followRun(directory: string, now: () => number): Promise<Following> {
  const tail = tailSamples(join(directory, FILES.samples));
  const outcomes = outcomeTable();
  const all = collectSamples(undefined, outcomes);
  let derived = 0;
  let { record, excerpts } = await soFar(directory, derived);
  let restUntil = 0;
  let requests = 0;
  return {
    record: () => record,
    excerpts: () => excerpts,
    samples: () => all.pack(),
    fresh() {
      const samples = tail.next();
      if (samples.length === 0) return null;
      const some = collectSamples(undefined, outcomes);
      for (const sample of samples) {
        some.add(sample);
        all.add(sample);
      }
      requests += samples.length;
      return some.pack();
    },
    counts: () => ({ entries: requests, requests, outcomes: outcomes.all }),
    async derive(until) {
      if (until !== null && (until === derived || now() < restUntil)) return false;
      const begun = now();
      ({ record, excerpts } = await (until === null ? atItsEnd(directory) : soFar(directory, until)));
      derived = until ?? derived;
      restUntil = now() + (now() - begun) / SHARE;
      return true;
    },
    close: () => tail.close(),
  };
}

interface Derived {
  record: RunRecord;
  excerpts: Excerpts;
}

/**
 * As it was at an instant between two migrations. Answers of one that is not on disk yet, or one on disk whose answers
 * are not, would look like a split brain or a long outage.
 */
async function soFar(directory: string, until: Instant): Promise<Derived> {
  const run = await loadRun(directory);
  const migrations = run.migrations.filter(({ observation }) => observation.endedMs <= until);
  const record = analyse({ ...run, migrations, samples: dueUntil(until, run.samples) });
  return { record, excerpts: excerptsOf(migrations, record) };
}

async function atItsEnd(directory: string): Promise<Derived> {
  const record = await loadRecord(directory);
  const { migrations } = await loadRun(directory);
  return { record, excerpts: excerptsOf(migrations, record) };
}

function* dueUntil(instant: Instant, samples: Iterable<Sample>): Generator<Sample> {
  for (const sample of samples) if (sample.due <= instant) yield sample;
}
