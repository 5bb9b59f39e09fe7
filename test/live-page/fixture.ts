/** A run that goes on, as its directory shows it. */
import { appendFileSync } from 'node:fs';
import { analyse } from '../../harness/analysis/analyse.ts';
import type { MigrationObservation, Sample } from '../../harness/model.ts';
import { sampleLine } from '../../harness/probe/samples.ts';
import { loadRun } from '../../harness/store/load.ts';
import { beginRun, type RunStore, saveRecord } from '../../harness/store/store.ts';
import { head, observation, tail } from '../store/fixture.ts';

export interface GoingRun {
  directory: string;
  add(samples: readonly Sample[]): void;
  migrated(number: number): void;
  finish(): Promise<void>;
}

/** Its origin lies an hour ago, so that whatever a test adds has happened. */
export function goingRun(reports: string): GoingRun {
  const originNs = (process.hrtime.bigint() - 3_600_000_000_000n).toString();
  const store: RunStore = beginRun(reports, { ...head, originNs }, 'name: httpd\n');
  return {
    directory: store.directory,
    add: (samples) => appendFileSync(store.samplesFile, samples.map(sampleLine).join('')),
    migrated: (number) => store.appendMigration(completed(number)),
    async finish() {
      store.finish(tail);
      await saveRecord(store.directory, analyse(await loadRun(store.directory)));
    },
  };
}

function completed(number: number): MigrationObservation {
  return { ...observation(number), outcome: { state: 'completed' } };
}
