/** A run as it could have been: 1 warm-up and 10 measured migrations of httpd, made by hand from one table. */
import { max, min, quantile } from 'simple-statistics';
import type {
  Distribution,
  HostFacts,
  MigrationResult,
  RunRecord,
  Scenario,
  ServedBy,
  Unknown,
} from '../../harness/model.ts';
import { isUnknown } from '../../harness/report/numbers.ts';

/** One row a migration: frozen window, CRIU dump, gap, CRIU restore, downtime (ms), lost, freezing_time (µs). */
const TABLE: [number, number, number, number, number, number, number][] = [
  [348.91, 151.2, 5.1, 160.3, 380.4, 3, 101_204],
  [312.41, 131.6, 4.12, 148.92, 345.2, 2, 101_187],
  [218.22, 38.1, 3.98, 147.1, 244.9, 1, 1_093],
  [309.75, 130.2, 4.31, 146.4, 335.1, 2, 101_150],
  [316.08, 132.9, 4.05, 150.13, 354.8, 2, 101_332],
  [221.67, 39.4, 4.2, 149.07, 255.3, 2, 1_121],
  [314.55, 131.1, 4.07, 151.38, 344.7, 2, 101_210],
  [311.02, 130.8, 3.91, 147.91, 345.0, 2, 101_098],
  [340.13, 133.0, 9.87, 168.26, 374.6, 3, 101_455],
  [313.3, 131.0, 4.01, 149.89, 344.9, 2, 101_176],
  [310.84, 130.9, 4.15, 147.79, 335.4, 2, 101_143],
];

export const scenario: Scenario = {
  name: 'httpd',
  why: 'The main job: httpd moves between two hosts under a probing client.',
  bundle: {
    kind: 'generated',
    name: 'rhel7-httpd',
    userNamespace: 'auto',
    heartbeat: true,
    hostFiles: [{ path: '/tmp/rhel7-httpd/index.html', content: '{host}\n' }],
    root: {
      debian: { kind: 'debian', suite: 'bookworm', packages: ['apache2'], files: [] },
      rpm: { kind: 'rpm', releasever: '9', packages: ['httpd'], repositories: [], files: [] },
    },
    args: { debian: ['apache2', '-DFOREGROUND'], rpm: ['httpd', '-DFOREGROUND'] },
    env: { debian: {}, rpm: {} },
    cwd: '/',
    user: { uid: 0, gid: 0 },
    network: 'host',
    readOnlyRoot: true,
    tmpfs: { debian: ['/tmp', '/run'], rpm: ['/tmp', '/run'] },
    binds: [{ source: '/tmp/rhel7-httpd', destination: '/var/www/html', readOnly: true }],
  },
  migration: {
    strategy: { kind: 'stop-and-copy' },
    path: ['rhel01', 'rhel02'],
    count: 10,
    forMs: null,
    warmUp: 1,
    pauseMs: 500,
    connections: 'auto',
    inFlight: 'skip',
    transfer: 'share',
    imageDirectory: 'default',
    onFailure: 'continue',
    timeoutMs: 60_000,
    sabotage: null,
    extra: { checkpoint: [], restore: [], criuConf: { source: [], destination: [] } },
  },
  service: { name: 'rhel0x', address: '10.77.0.10', prefixLength: 24, port: 80 },
  handover: { address: 'before-restore', announce: true, unserved: 'refuse', hook: null },
  probe: {
    path: '/',
    ratePerSecond: 100,
    connection: { kind: 'per-request' },
    timeoutMs: 5000,
    maxInFlight: 256,
    mode: 'continuous',
  },
  checks: {
    knownHosts: true,
    noSplitBrain: true,
    oneContainer: true,
    sameContainer: false,
    noLostState: false,
    noLostWrites: false,
    sameBytes: false,
    hostOrder: true,
    failedMigrationsAtMost: 0,
    brokenConnectionsAtMost: null,
    lostRequestsAtMost: null,
    limits: [{ measurement: 'downtime', statistic: 'p95', atMostMs: 2000 }],
  },
  testbed: { kind: 'netns', cgroup: 'machine', shareMiB: 512 },
  toolchain: { rhel01: 'auto', rhel02: 'auto' },
  runtime: 'runc',
  seed: 1,
  faults: [],
  network: null,
  capture: [],
  cell: {},
};

export function hostFacts(name: string): HostFacts {
  return {
    name,
    kernel: '6.18.5',
    distribution: 'Debian GNU/Linux forky/sid',
    architecture: 'x86_64',
    cpu: '2 × AMD EPYC',
    cgroup: 'v1',
    toolchain: {
      name: 'debian:forky',
      runtime: { name: 'runc', version: '1.3.6' },
      criu: '4.2.1',
      digest: 'sha256:5e0f',
      because: 'the newest that dumps and restores a listening TCP socket on this kernel',
    },
    packages: ['criu\t4.2.1-1', 'runc\t1.3.6+ds1-1'],
    missingCapabilities: ['CAP_SYS_RESOURCE'],
  };
}

/** Everything went well. */
export function passingRecord(): RunRecord {
  return recordOf(TABLE.map((_, index) => migrationOf(index)));
}

/** Migration 5 failed in the restore and was rolled back; one downtime could not be seen. */
export function failingRecord(): RunRecord {
  const migrations = TABLE.map((_, index) => migrationOf(index)).map((migration) => {
    if (migration.number === 5) return failed(migration);
    if (migration.number === 8)
      return { ...migration, downtime: { unknown: 'no answer came from rhel01 before the dump' } };
    return migration;
  });
  return {
    ...recordOf(migrations),
    verdicts: [
      ...passingRecord().verdicts.slice(0, 2),
      {
        check: 'host order',
        state: 'unknown',
        why: 'the order cannot be told for migration 8: no answer came from rhel01 before the dump.',
      },
      {
        check: 'failed migrations',
        state: 'fail',
        why: '1 of 11 migrations failed (number 5, at restore), and 0 are allowed.',
      },
      ...passingRecord().verdicts.slice(4),
    ],
    verdict: 'fail',
  };
}

/** Every text that comes from a host, a server or the user tries to take over the terminal. */
export function hostileRecord(): RunRecord {
  const evil = (text: string) => `${text}\u001b[2J\u001b]0;owned\u0007\r\u202e${'A'.repeat(300)}`;
  const record = failingRecord();
  const host = { ...hostFacts(evil('rhel01')), distribution: evil('Debian'), kernel: evil('6.18') };
  return {
    ...record,
    head: {
      ...record.head,
      id: evil('id'),
      scenario: { ...scenario, name: evil('httpd') },
      hosts: [
        {
          ...host,
          toolchain: {
            ...host.toolchain,
            runtime: { name: 'runc', version: evil('1.3') },
            because: evil('why'),
          },
        },
      ],
      continues: [],
      adaptations: [{ what: evil('what'), why: evil('why') }],
    },
    tail: record.tail && {
      ...record.tail,
      reason: evil('reason'),
      probe: { resolved: evil('10.77.0.10'), schedulingClass: 'other', cpuMs: 1, maxRssMiB: 2 },
    },
    outcome: 'failed',
    migrations: record.migrations.map((migration) => ({
      ...migration,
      source: evil('a'),
      destination: evil('b'),
      ...(migration.outcome.state === 'failed'
        ? {
            outcome: {
              ...migration.outcome,
              survivor: evil('s'),
              error: `${evil('e1')}\n${evil('e2')}\n`.repeat(20),
            },
          }
        : {}),
    })),
    distributions: record.distributions.map((one) => ({
      ...one,
      measurement: evil(one.measurement),
      unknown: [{ number: 1, why: evil('u') }],
    })),
    servedBy: record.servedBy.map((one) => ({ ...one, host: evil('host') })),
    verdicts: record.verdicts.map((one) => ({ ...one, check: evil('check'), why: evil('why') })),
  };
}

/** Killed before anything was measured: no tail, no sample, no check. */
export function emptyRecord(): RunRecord {
  const record = recordOf([]);
  return {
    ...record,
    head: { ...record.head, hosts: [], adaptations: [] },
    tail: null,
    servedBy: [],
    probe: {
      samples: 0,
      answered: 0,
      failed: { refused: 0, reset: 0, timeout: 0, unreachable: 0, garbled: 0, other: 0 },
      dropped: 0,
      lateness: null,
      latency: null,
      connections: 0,
    },
    verdicts: [],
    verdict: 'unknown',
    outcome: 'interrupted',
  };
}

export function migrationOf(index: number): MigrationResult {
  const [windowMs, dumpMs, gapMs, restoreMs, downMs, lost, freezing] = TABLE[index] ?? [0, 0, 0, 0, 0, 0, 0];
  const begun = 2000 + index * 1500;
  const even = index % 2 === 0;
  const bounded = (ms: number, half: number) => ({ ms, atLeastMs: ms - half, atMostMs: ms + half });
  const gap = bounded(gapMs, 0.2);
  const stopped = begun + 40;
  return {
    number: index + 1,
    warmUp: index === 0,
    source: even ? 'rhel01' : 'rhel02',
    destination: even ? 'rhel02' : 'rhel01',
    outcome: { state: 'completed' },
    diagnosis: null,
    files: `migrations/${String(index + 1).padStart(4, '0')}`,
    spans: [],
    downtime: {
      ms: downMs,
      lastAnswerMs: begun,
      firstAnswerMs: begun + downMs,
      bracketMs: downMs + 1.9,
      resolutionMs: 10,
    },
    frozenWindow: {
      window: bounded(windowMs, 0.58),
      stopped: { earliest: stopped, latest: stopped + 0.6 },
      running: { earliest: stopped + windowMs, latest: stopped + windowMs + 0.6 },
      criuDumpMs: dumpMs,
      criuRestoreMs: restoreMs,
      runtimeMs: windowMs - dumpMs - gapMs - restoreMs,
      gap,
      transferMs: 0,
    },
    gap,
    transfer: null,
    recoveryMs: 21.4 + index,
    lost: { refused: 0, reset: lost, timeout: 0, unreachable: 0, garbled: 0, other: 0, dropped: 0 },
    longestLatencyMs: downMs + 3.5,
    connections: { survived: 0, broken: lost, reset: lost, timedOut: 0 },
    clocks: [],
    preDumps: [],
    lazyPages: null,
    dumpStats: {
      freezing_time: freezing,
      frozen_time: dumpMs * 1000 - 18_000,
      memdump_time: 12_400 + index * 37,
      memwrite_time: 9_102 + index * 21,
      pages_scanned: 92_104,
      pages_skipped_parent: 0,
      pages_written: 3_451 + index,
      irmap_resolve: 0,
      pages_lazy: 0,
      page_pipes: 61,
      page_pipe_bufs: 61,
      shpages_scanned: 0,
      shpages_skipped_parent: 0,
      shpages_written: 0,
    },
    restoreStats: {
      pages_compared: 1_810,
      pages_skipped_cow: 102,
      forking_time: 6_210 + index * 13,
      restore_time: Math.round(restoreMs * 1000) - 9_000,
      pages_restored: 3_349 + index,
    },
    pagesAgree: true,
    imageBytes: 14_881_234 + index * 4096,
    dropRules: { found: 0, removed: 0 },
    running: [
      { host: 'rhel01', running: false },
      { host: 'rhel02', running: true },
    ],
    container: null,
    hygiene: [],
    faults: [],
    captures: [],
    retries: 0,
    heartbeat: { pauseMs: windowMs - 0.3, resolutionMs: 1, inside: true },
  };
}

export function failed(migration: MigrationResult): MigrationResult {
  const why: Unknown = { unknown: 'the migration failed at restore' };
  return {
    ...migration,
    diagnosis: {
      failure: 'address-not-there',
      line: {
        log: 'restore.log',
        number: 812,
        text: "Error (criu/sk-inet.c:1023): inet: Can't bind inet socket (id 7): Cannot assign requested address",
        place: 'criu/sk-inet.c:1023',
      },
      cause: 'The address that a socket was bound to is not on this host: it has not moved yet.',
      here: ['This run moves 172.30.77.10 after-restore.'],
      remedy: 'Move it first: `handover.address: before-restore`.',
      sources: ['criu#312'],
      context: [],
    },
    outcome: {
      state: 'failed',
      phase: 'restore',
      survivor: migration.source,
      rolledBack: true,
      error: [
        `runc failed on ${migration.destination}: exit 1: runc restore --detach --image-path checkpoint rhel7-httpd`,
        '  criu failed: type NOTIFY errno 0',
        "  (00.031337)      1: Error (criu/sk-inet.c:1023): inet: Can't bind inet socket (id 7): Cannot assign requested address",
      ].join('\n'),
    },
    downtime: why,
    frozenWindow: why,
    gap: why,
    recoveryMs: why,
    longestLatencyMs: why,
    connections: why,
    restoreStats: why,
    heartbeat: why,
  };
}

function recordOf(migrations: MigrationResult[]): RunRecord {
  return {
    schema: 1,
    head: {
      schema: 1,
      thaw: '0.1.0',
      id: '2025-11-23T06-42-10Z-3f9c',
      scenario,
      scenarioFile: 'scenario.yaml',
      startedAt: '2025-11-23T06:42:10.000Z',
      originNs: '1000000000',
      wallOffsetMs: Date.parse('2025-11-23T06:42:10.000Z') - 1_000,
      hosts: [hostFacts('rhel01'), hostFacts('rhel02')],
      continues: [],
      adaptations: [
        {
          what: 'the container has a user namespace with an identity mapping',
          why: 'CAP_SYS_RESOURCE is missing here, and without it CRIU cannot read the limits of processes of other users',
        },
      ],
    },
    tail: {
      state: 'completed',
      reason: null,
      endedMs: 19_000,
      probe: { resolved: '10.77.0.10', schedulingClass: 'fifo', cpuMs: 1410.2, maxRssMiB: 81.4 },
      heartbeat: null,
    },
    migrations,
    distributions: distributionsOf(migrations.filter((migration) => !migration.warmUp)),
    servedBy: migrations.map((migration, index) => stretch(migration.source, index)),
    probe: {
      samples: 1712,
      answered: 1689,
      failed: { refused: 0, reset: 23, timeout: 0, unreachable: 0, garbled: 0, other: 0 },
      dropped: 0,
      lateness: { median: 0.0012, p99: 0.1184, max: 2.31 },
      latency: { median: 1.214, p99: 340.2, max: 383.9 },
      connections: 1712,
    },
    memory: null,
    verdicts: [
      { check: 'known hosts', state: 'pass', why: 'all 1,689 answers name rhel01 or rhel02.' },
      { check: 'no split brain', state: 'pass', why: 'no two hosts answered in the same instant.' },
      { check: 'host order', state: 'pass', why: 'the order of hosts is the order of migrations.' },
      { check: 'failed migrations', state: 'pass', why: '0 of 11 migrations failed, and 0 are allowed.' },
      {
        check: 'downtime p95',
        state: 'pass',
        why: '374.6 ms over 10 migrations, and at most 2000 ms are allowed.',
      },
    ],
    verdict: 'pass',
    outcome: 'completed',
  };
}

function stretch(host: string, index: number): ServedBy {
  return { host, firstMs: index * 1500, lastMs: index * 1500 + 1150, answers: 154 - (index % 2) };
}

function distributionsOf(migrations: MigrationResult[]): Distribution[] {
  const of = (
    measurement: string,
    unit: Distribution['unit'],
    uncertainty: number | null,
    read: (migration: MigrationResult) => number | Unknown,
  ) => distributionOf(measurement, unit, uncertainty, migrations, read);
  return [
    of('frozen-window', 'ms', 0.58, ({ frozenWindow: one }) => (isUnknown(one) ? one : one.window.ms)),
    of('downtime', 'ms', 10, ({ downtime: one }) => (isUnknown(one) ? one : one.ms)),
    of('gap', 'ms', 0.2, ({ gap: one }) => (isUnknown(one) ? one : one.ms)),
    of('recovery', 'ms', 10, ({ recoveryMs: one }) => one),
    of('lost-requests', 'requests', null, ({ lost }) => lost.reset),
    of('frozen_time', 'ms', null, ({ dumpStats: one }) => (isUnknown(one) ? one : one.frozen_time / 1000)),
    of('image-bytes', 'bytes', null, ({ imageBytes }) => imageBytes ?? { unknown: 'no images' }),
  ];
}

function distributionOf(
  measurement: string,
  unit: Distribution['unit'],
  uncertainty: number | null,
  migrations: MigrationResult[],
  read: (migration: MigrationResult) => number | Unknown,
): Distribution {
  const all = migrations.map((migration) => ({ number: migration.number, value: read(migration) }));
  const values = all.flatMap(({ value }) => (typeof value === 'number' ? [value] : []));
  const unknown = all.flatMap(({ number, value }) =>
    typeof value === 'number' ? [] : [{ number, why: value.unknown }],
  );
  const none = { min: null, q1: null, median: null, q3: null, p95: null, max: null, medianCi95: null };
  if (values.length === 0) return { measurement, unit, values, unknown, ...none, uncertainty };
  const at = (p: number) => quantile(values, p);
  const sorted = values.toSorted((a, b) => a - b);
  const figures = {
    min: min(values),
    q1: at(0.25),
    median: at(0.5),
    q3: at(0.75),
    p95: at(0.95),
    max: max(values),
  };
  const medianCi95: [number, number] = [sorted[1] ?? 0, sorted.at(-2) ?? 0];
  return { measurement, unit, values, unknown, ...figures, medianCi95, uncertainty };
}
