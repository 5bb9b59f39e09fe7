/** A small run made by hand, with its logs and samples. */
import type { MigrationFiles, MigrationObservation, RawRun, Sample } from '../../harness/model.ts';
import {
  answered,
  at,
  command,
  FAILED_DUMP,
  log,
  lost,
  NO_LOGS,
  observation,
  rawRun,
  scenario,
} from './fixture.ts';

/** Two migrations there and back, the first one the warm-up, and a third whose dump fails. */
const BEGINS = [3_000, 6_000, 9_000] as const;

export function smallRun(): RawRun {
  const plan = { ...scenario.migration, count: 2, warmUp: 1 };
  const { head } = rawRun();
  return rawRun({
    head: { ...head, scenario: { ...scenario, migration: plan } },
    tail: {
      state: 'completed',
      reason: null,
      endedMs: 12_000,
      probe: { resolved: '10.77.0.10', schedulingClass: 'fifo', cpuMs: 700, maxRssMiB: 80 },
      heartbeat: { periodMs: 1, pauses: [at(3_030.2, 3_251.4), at(6_030.2, 6_251.4)] },
    },
    migrations: BEGINS.map((begunMs, i) => ({ observation: observed(i, begunMs), files: files() })),
    samples: samples(),
  });
}

/** Each moves as the fixture's does, whose begin is at 1000: frozen from 1030 to 1251. */
function observed(index: number, begunMs: number): MigrationObservation {
  const t = (ms: number): number => begunMs - 1_000 + ms;
  const [source, destination] = index % 2 === 0 ? ['rhel01', 'rhel02'] : ['rhel02', 'rhel01'];
  const common = {
    number: index + 1,
    warmUp: index === 0,
    source,
    destination,
    begunMs,
    files: `migrations/000${index + 1}`,
  };
  const checkpoint = command(source, at(t(1_009), t(1_010)), at(t(1_100), t(1_101)));
  if (index === 2) {
    return observation({
      ...common,
      ...FAILED_DUMP,
      endedMs: t(1_120),
      steps: { checkpoint: { ...checkpoint, status: 1 } },
      imageBytes: null,
      pageImageBytes: null,
    });
  }
  return observation({
    ...common,
    endedMs: t(1_310),
    steps: {
      checkpoint,
      'release-address': command(source, at(t(1_101)), at(t(1_102))),
      'claim-address': command(destination, at(t(1_102)), at(t(1_103))),
      restore: command(destination, at(t(1_104), t(1_105)), at(t(1_300), t(1_301))),
    },
    dumpLog: [
      { beforeMs: t(1_034.9), afterMs: t(1_035), bytes: 80 },
      { beforeMs: t(1_090), afterMs: t(1_090.1), bytes: 160 },
    ],
    restoreLog: [
      { beforeMs: t(1_250.9), afterMs: t(1_250.95), bytes: 40 },
      { beforeMs: t(1_251.6), afterMs: t(1_251.7), bytes: 120 },
    ],
    freezer: [
      { beforeMs: t(1_029.5), afterMs: t(1_029.6), frozen: false },
      { beforeMs: t(1_030.5), afterMs: t(1_030.6), frozen: true },
    ],
  });
}

function files(): MigrationFiles {
  return {
    preDumpStats: [],
    lazyPages: null,
    otherLogs: NO_LOGS,
    evidence: [],
    container: { before: null, after: null },
    dumpStats: {
      freezing_time: 10_100,
      frozen_time: 54_900,
      memdump_time: 12_000,
      memwrite_time: 9_000,
      pages_scanned: 100,
      pages_skipped_parent: 0,
      pages_written: 1,
      irmap_resolve: 0,
      pages_lazy: 0,
      page_pipes: 1,
      page_pipe_bufs: 1,
      shpages_scanned: 0,
      shpages_skipped_parent: 0,
      shpages_written: 0,
    },
    restoreStats: {
      pages_compared: 0,
      pages_skipped_cow: 0,
      forking_time: 6_000,
      restore_time: 95_000,
      pages_restored: 1,
    },
    inventory: null,
    // Opened at 1020 and 1150 of the fixture's time.
    dumpLog: log(
      [0, 'Version: 4.2.1'],
      [5, 'freezing cgroup /sys/fs/cgroup/freezer/web: 100 x 100ms attempts, timeout: 10s'],
      [15, 'freezer.state=FROZEN'],
      [70, 'Dumping finished successfully'],
    ),
    restoreLog: log(
      [0, 'Version: 4.2.1'],
      [101, 'Running pre-resume scripts'],
      [101.5, 'Restore finished successfully. Tasks resumed.'],
      [101.6, 'Writing stats'],
    ),
    pageSize: 4_096,
  };
}

/** A request each 10 ms; those due while the container is frozen are refused, and one is dropped. */
function* samples(): Generator<Sample> {
  for (let n = 0; n < 1_200; n++) {
    const due = n * 10;
    const migration = BEGINS.findLastIndex((begin) => due >= begin + 30);
    const into = due - (BEGINS[migration] ?? 0);
    const host = migration === 0 ? 'rhel02' : 'rhel01';
    const moves = migration === 0 || migration === 1;
    if (n === 500) yield { n, due, state: 'dropped' };
    else if (moves && into < 260) yield lost(due, due + 0.3, { n });
    else yield answered(host, due, due + 1.25, { n, sent: due + 0.05, connection: n + 1 });
  }
}
