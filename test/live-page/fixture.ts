/** A run that goes on, as its directory shows it. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
  /** At its dump. */
  failed(number: number, dumpLog: string): void;
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
    failed(number, dumpLog) {
      const failed = { ...observation(3), number, files: observation(number).files };
      mkdirSync(join(store.directory, failed.files), { recursive: true });
      writeFileSync(join(store.directory, failed.files, 'dump.log'), dumpLog);
      store.appendMigration(failed);
    },
    async finish() {
      store.finish(tail);
      await saveRecord(store.directory, analyse(await loadRun(store.directory)));
    },
  };
}

function completed(number: number): MigrationObservation {
  return { ...observation(number), outcome: { state: 'completed' } };
}
