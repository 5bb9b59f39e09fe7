/** What is read back of a run: the only input of the analysis. */

import type { DumpStats, Inventory, LogEvidence, LogLine, RestoreStats } from './criu.ts';
import type { MigrationObservation, RunHead, RunTail, Sample } from './observation.ts';
import type { FrozenWindow, OrUnknown } from './result.ts';

/** The files that one migration left, read and decoded; null where a file is missing. */
export interface MigrationFiles {
  dumpStats: DumpStats | null;
  restoreStats: RestoreStats | null;
  /** One for each pre-dump. */
  preDumpStats: (DumpStats | null)[];
  /** What lazy-pages.log says of the transfer. */
  lazyPages: { transferred: number; total: number } | null;
  inventory: Inventory | null;
  dumpLog: LogLine[] | null;
  restoreLog: LogLine[] | null;
  otherLogs: OtherLogs;
  /** What the container had, line by line; null where that was not asked, or could not be told. */
  container: { before: string[] | null; after: string[] | null };
  /** What the logs that are there tell of errors. */
  evidence: LogEvidence[];
  pageSize: number;
  /** What the logs told before a long run dropped them; not there: they were not dropped. */
  dropped?: LogsTold | undefined;
}

/** All that the record takes from CRIU's logs of a migration that completed. */
export interface LogsTold {
  frozenWindow: OrUnknown<FrozenWindow>;
}

/** What CRIU wrote beside the logs of the dump and the restore; null for each that is not there. */
export interface OtherLogs {
  /** One for each pre-dump. */
  preDumps: (LogLine[] | null)[];
  lazyPages: LogLine[] | null;
  pageServer: LogLine[] | null;
  /** Of a restore on the source, beside one of the destination that failed. */
  rollBack: LogLine[] | null;
}

/** Everything that is on disk of one run, read back. The only input of the analysis. */
export interface RawRun {
  head: RunHead;
  tail: RunTail | null;
  migrations: { observation: MigrationObservation; files: MigrationFiles }[];
  samples: Iterable<Sample>;
}
