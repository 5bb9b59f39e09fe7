/** What was written → the words of the model. Defaults that hang on other keys are decided here. */
import { dirname, resolve } from 'node:path';
import type {
  Bundle,
  ByFamily,
  ChecksPlan,
  FaultPlan,
  GeneratedBundle,
  HandoverPlan,
  Limit,
  MigrationPlan,
  NetworkPlan,
  ProbePlan,
  RootFile,
  Scenario,
  Service,
  Strategy,
  TestbedPlan,
} from '../model.ts';
import { COUNT } from './leaves.ts';
import type { Written } from './schema.ts';
import { workloadOf, workloadParts } from './workload.ts';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Paths of the user's machine are relative to the scenario file. */
export function toScenario(written: Written, file: string): Omit<Scenario, 'cell'> {
  const { name, why, seed } = written;
  const migration = migrationPlan(written.migration);
  const here = (path: string): string => resolve(dirname(file), path);
  return {
    name,
    why: why.trim(),
    seed,
    bundle: bundleOf(written, here),
    migration,
    service: serviceOf(written.service),
    handover: handoverPlan(written.handover, here),
    probe: probePlan(written.probe),
    checks: checksPlan(written),
    testbed: testbedPlan(written.testbed, here),
    network: networkPlan(written.network),
    toolchain: toolchains(migration.path, written.toolchain),
    runtime: written.runtime,
    faults: written.faults.map(faultPlan),
    capture: [...new Set(written.capture)],
  };
}

function faultPlan(written: Written['faults'][number]): FaultPlan {
  return {
    kind: written.kind,
    at: written.at,
    place: written.host ?? 'auto',
    afterMs: written.after,
    spreadMs: written.spread,
    forMs: written.for,
    migrations: written.migrations ?? null,
    number: written.number ?? null,
  };
}

function handoverPlan({ hook, ...rest }: Written['handover'], here: (path: string) => string): HandoverPlan {
  return { ...rest, hook: hook === undefined ? null : here(hook) };
}

/** One toolchain for each host of the path, in its order; `auto` for a host that is not named. */
export function toolchains(path: readonly string[], wanted: string | Readonly<Record<string, string>>) {
  const of = (host: string) => (typeof wanted === 'string' ? wanted : (wanted[host] ?? 'auto'));
  return Object.fromEntries([...new Set(path)].map((host) => [host, of(host)]));
}

function bundleOf({ name, bundle, service }: Written, here: (path: string) => string): Bundle {
  const workload = workloadOf(bundle);
  const parts = workload && workloadParts(workload, bundle.name ?? name, service.port);
  const common = {
    name: bundle.name ?? name,
    userNamespace: bundle['user-namespace'],
    heartbeat: bundle.heartbeat,
    hostFiles: [...filesOf(bundle['host-files']), ...(parts?.hostFiles ?? [])],
  };
  if (bundle.from !== undefined) return { ...common, kind: 'existing', path: here(bundle.from) };
  const env = both(bundle.env, {});
  return {
    ...common,
    kind: 'generated',
    root: rootOf(bundle.root ?? {}, here),
    args: both(bundle.args, parts?.args ?? []),
    env: { debian: { PATH, ...env.debian }, rpm: { PATH, ...env.rpm } },
    cwd: bundle.cwd ?? '/',
    user: bundle.user ?? { uid: 0, gid: 0 },
    network: bundle.network ?? 'host',
    readOnlyRoot: bundle['read-only-root'] ?? true,
    tmpfs: withMounts(both(bundle.tmpfs, []), parts?.tmpfs ?? []),
    binds: (bundle.binds ?? [])
      .map(({ source, destination, 'read-only': readOnly }) => ({ source, destination, readOnly }))
      .concat(parts === null ? [] : [parts.bind]),
  };
}

function withMounts(given: ByFamily<string[]>, more: readonly string[]): ByFamily<string[]> {
  const add = (paths: string[]): string[] => [...new Set([...paths, ...more])];
  return { debian: add(given.debian), rpm: add(given.rpm) };
}

function rootOf(
  written: NonNullable<Written['bundle']['root']>,
  here: (path: string) => string,
): GeneratedBundle['root'] {
  const { debian, rpm } = written;
  if (written.path !== undefined) {
    const own = { kind: 'path' as const, path: here(written.path) };
    return { debian: own, rpm: own };
  }
  return {
    ...(debian && { debian: { kind: 'debian', ...debian, files: filesOf(debian.files) } }),
    ...(rpm && { rpm: { kind: 'rpm', ...rpm, files: filesOf(rpm.files) } }),
  };
}

function filesOf(files: Readonly<Record<string, string>>): RootFile[] {
  return Object.entries(files).map(([path, content]) => ({ path, content }));
}

/** A family without a root has no need of the value: it gets the empty one. */
function both<T>(given: Partial<ByFamily<T>> | undefined, empty: T): ByFamily<T> {
  return { debian: given?.debian ?? empty, rpm: given?.rpm ?? empty };
}

const DEFAULT_COUNT = 10;

function migrationPlan(written: Written['migration']): MigrationPlan {
  const { checkpoint, restore, 'criu-conf': criuConf } = written.extra;
  return {
    strategy: strategyOf(written),
    path: written.path,
    count: written.count ?? (written.for === undefined ? DEFAULT_COUNT : COUNT.max),
    forMs: written.for ?? null,
    warmUp: written['warm-up'],
    pauseMs: written.pause,
    connections: written.connections,
    inFlight: written['in-flight'],
    transfer: written.transfer,
    imageDirectory: written['image-directory'],
    onFailure: written['on-failure'],
    timeoutMs: written.timeout,
    sabotage: written.sabotage ?? null,
    extra: { checkpoint, restore, criuConf },
  };
}

const UNTIL_AT_MOST = 8;

function strategyOf(written: Written['migration']): Strategy {
  const { strategy, 'pre-dumps': preDumps, 'pre-dumps-until': given } = written;
  const until = given === undefined ? null : { belowMiB: given === 'stops-shrinking' ? null : given.below };
  switch (strategy) {
    case 'stop-and-copy':
    case 'post-copy':
      return { kind: strategy };
    case 'pre-copy':
    case 'hybrid':
      return {
        kind: strategy,
        preDumps: preDumps ?? (until === null ? 2 : UNTIL_AT_MOST),
        until,
        autoDedup: written['auto-dedup'],
      };
  }
}

function testbedPlan(written: Written['testbed'], here: (path: string) => string): TestbedPlan {
  const { kind, cgroup, share, inventory } = written;
  switch (kind) {
    case 'netns':
      return { kind, cgroup, shareMiB: share };
    case 'vagrant':
      return { kind };
    case 'ssh':
      return { kind, inventory: here(inventory ?? '') };
  }
}

function networkPlan({ rate, delay, loss }: Written['network']): NetworkPlan | null {
  if (rate === null && delay === 0 && loss === 0) return null;
  return { rateKbit: rate, delayMs: delay, lossPercent: loss };
}

function serviceOf({ name, address, port }: Written['service']): Service {
  const [ip = '', prefix] = address.split('/');
  return { name, address: ip, prefixLength: Number(prefix), port };
}

function probePlan(written: Written['probe']): ProbePlan {
  const { connection } = written;
  return {
    path: written.path,
    ratePerSecond: written.rate,
    connection:
      connection === 'per-request'
        ? { kind: 'per-request' }
        : { kind: 'kept', count: connection === 'kept' ? 1 : connection.kept },
    timeoutMs: written.timeout,
    maxInFlight: written['max-in-flight'],
    mode: written.mode,
  };
}

const LIMITED = ['downtime', 'frozen-window', 'frozen_time', 'gap'] as const;
const STATISTICS = ['median', 'p95', 'max'] as const;

function checksPlan({ checks: written, bundle }: Written): ChecksPlan {
  const limits = LIMITED.flatMap((measurement) =>
    STATISTICS.flatMap((statistic): Limit[] => {
      const atMostMs = written[measurement]?.[statistic];
      return atMostMs === undefined ? [] : [{ measurement, statistic, atMostMs }];
    }),
  );
  return {
    knownHosts: written['known-hosts'],
    noSplitBrain: written['no-split-brain'],
    hostOrder: written['host-order'],
    oneContainer: written['one-container'],
    sameContainer: written['same-container'] ?? workloadOf(bundle) !== null,
    noLostState: written['no-lost-state'] ?? workloadOf(bundle) !== null,
    noLostWrites: written['no-lost-writes'] ?? bundle.redis !== undefined,
    sameBytes: written['same-bytes'] ?? workloadOf(bundle) !== null,
    failedMigrationsAtMost: written['failed-migrations'],
    brokenConnectionsAtMost: written['broken-connections'] ?? null,
    lostRequestsAtMost: written['lost-requests'] ?? null,
    limits,
  };
}
