/** Observations, samples and CRIU logs as they could have been, of which the truth is known. */
import type {
  AnsweredSample,
  CommandSpan,
  FailedSample,
  Interval,
  LogLine,
  MigrationFiles,
  MigrationObservation,
  RawRun,
  Sample,
  SizeReading,
} from '../../harness/model.ts';
import { passingRecord, scenario } from '../report/fixture.ts';

export { scenario };

export function at(earliest: number, latest = earliest): Interval {
  return { earliest, latest };
}

export function command(host: string, exec: Interval, exit: Interval): CommandSpan {
  return { host, argv: ['runc'], exec, exit, status: 0 };
}

/** rhel01 to rhel02: begun at 1000, checkpoint 1010–1100, restore 1104–1300, ended at 1310. */
export function observation(changes: Partial<MigrationObservation> = {}): MigrationObservation {
  return {
    number: 1,
    warmUp: false,
    source: 'rhel01',
    destination: 'rhel02',
    begunMs: 1_000,
    endedMs: 1_310,
    outcome: { state: 'completed' },
    steps: {
      checkpoint: command('rhel01', at(1_009, 1_010), at(1_100, 1_101)),
      'release-address': command('rhel01', at(1_101), at(1_102)),
      'claim-address': command('rhel02', at(1_102), at(1_103)),
      restore: command('rhel02', at(1_104, 1_105), at(1_300, 1_301)),
    },
    dumpLog: [],
    restoreLog: [],
    freezer: [],
    clocks: [],
    files: 'migrations/0001',
    preDumps: [],
    imageBytes: 8_192,
    pageImageBytes: 4_096,
    dropRules: { found: 0, removed: 0 },
    running: [
      { host: 'rhel01', running: false },
      { host: 'rhel02', running: true },
    ],
    hygiene: [],
    faults: [],
    captures: [],
    retries: 0,
    ...changes,
  };
}

export const FAILED_DUMP: Partial<MigrationObservation> = {
  outcome: { state: 'failed', phase: 'dump', survivor: 'rhel01', rolledBack: false, error: 'exit 1' },
};
export const ROLLED_BACK: Partial<MigrationObservation> = {
  outcome: { state: 'failed', phase: 'restore', survivor: 'rhel01', rolledBack: true, error: 'exit 1' },
};

export const NO_LOGS: MigrationFiles['otherLogs'] = {
  preDumps: [],
  lazyPages: null,
  pageServer: null,
  rollBack: null,
};

export const NO_FILES: MigrationFiles = {
  dumpStats: null,
  restoreStats: null,
  preDumpStats: [],
  lazyPages: null,
  inventory: null,
  dumpLog: null,
  restoreLog: null,
  otherLogs: NO_LOGS,
  evidence: [],
  container: { before: null, after: null },
  pageSize: 4_096,
};

export function answered(
  host: string,
  due: number,
  end: number,
  more: Partial<AnsweredSample> = {},
): AnsweredSample {
  return {
    n: Math.round(due),
    due,
    state: 'answered',
    sent: due,
    firstByte: end,
    end,
    status: 200,
    host,
    bytes: 7,
    connection: 1,
    ...more,
  };
}

export function lost(due: number, end: number, more: Partial<FailedSample> = {}): Sample {
  return {
    n: Math.round(due),
    due,
    state: 'failed',
    sent: due,
    end,
    kind: 'refused',
    detail: 'ECONNREFUSED',
    connection: null,
    ...more,
  };
}

/** A log of lines of 40 bytes. */
export function log(...lines: [offsetMs: number, text: string][]): LogLine[] {
  return lines.map(([offsetMs, text], i) => ({ offsetMs, endByte: 40 * (i + 1), text }));
}

/** How one line came about: microseconds until it was stamped, from stamp to write, and by which of three processes. */
export interface Line {
  pauseUs: number;
  heldUs: number;
  writer: 0 | 1 | 2;
}

export interface Written {
  log: LogLine[];
  /** When each line was stamped and written, on the common clock. */
  stamps: number[];
  writes: number[];
  /** What a poller saw. */
  looks: SizeReading[];
}

/**
 * CRIU's processes write a log that was opened at `zeroMs`, each one line after the other, and a poller looks at it:
 * each look takes a while and sees the size at some instant between.
 */
export function writeLog(
  zeroMs: number,
  lines: readonly Line[],
  looks: readonly { pauseUs: number; widthUs: number; place: number }[],
): Written {
  const ready = [zeroMs, zeroMs, zeroMs];
  const made = lines.map(({ pauseUs, heldUs, writer }) => {
    const stamp = (ready[writer] as number) + pauseUs / 1_000;
    const write = stamp + heldUs / 1_000;
    ready[writer] = write;
    return { stamp, write, prefix: ['', '7: ', '12: '][writer] as string };
  });
  made.sort((a, b) => a.write - b.write);
  const written = made.map(({ stamp, prefix }, i) => ({
    offsetMs: Math.floor((stamp - zeroMs) * 1_000) / 1_000,
    endByte: 40 * (i + 1),
    text: `${prefix}line ${i}`,
  }));
  let now = zeroMs - 1;
  const readings = looks.map(({ pauseUs, widthUs, place }) => {
    const beforeMs = now + pauseUs / 1_000;
    const afterMs = beforeMs + widthUs / 1_000;
    now = afterMs;
    const instant = beforeMs + (afterMs - beforeMs) * place;
    return { beforeMs, afterMs, bytes: 40 * made.filter(({ write }) => write <= instant).length };
  });
  return {
    log: written,
    stamps: made.map(({ stamp }) => stamp),
    writes: made.map(({ write }) => write),
    looks: readings,
  };
}

export function rawRun(changes: Partial<RawRun> & { head?: RawRun['head'] } = {}): RawRun {
  return { head: { ...passingRecord().head, scenario }, tail: null, migrations: [], samples: [], ...changes };
}
