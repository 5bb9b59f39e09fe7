/** A scenario → the YAML that it could have been written as: what is at its default is left out. */
import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import { UsageError } from '../errors.ts';
import type {
  Bundle,
  FaultPlan,
  GeneratedBundle,
  NetworkPlan,
  PreDumpPlan,
  RootFile,
  RootRecipe,
  Scenario,
  TestbedPlan,
} from '../model.ts';
import { checkDocument } from './check.ts';
import { isMapping } from './vary.ts';
import { workloadDocument, workloadIn } from './workload.ts';

/** As a YAML file holds it. */
export type ScenarioDocument = Record<string, unknown>;

export function writeScenario(document: ScenarioDocument): string {
  return stringify(document, { lineWidth: 100 });
}

/** What a document means; null where it has a mistake. Its paths are absolute. */
export function understood(document: ScenarioDocument): Scenario | null {
  const alone = { value: document, cell: {}, placed: (mistake: never) => mistake };
  return checkDocument(alone, '/').valid?.scenario ?? null;
}

/** The shortest document of this scenario; of a sweep's cell: of that cell alone. UsageError where no file could mean it. */
export function documentOf(scenario: Scenario): ScenarioDocument {
  const wanted = { ...scenario, cell: {} };
  const whole = wholeDocument(scenario);
  const means = understood(whole);
  if (!isDeepStrictEqual(means, wanted))
    throw new UsageError(`the scenario ${scenario.name} is none that a file could hold`);
  return withoutIdle(whole, (shorter) => isDeepStrictEqual(understood(shorter), wanted));
}

/** Keys of maps are left out, the outer ones first, for as long as it is `good` without them. */
function withoutIdle(
  document: ScenarioDocument,
  good: (shorter: ScenarioDocument) => boolean,
): ScenarioDocument {
  let shortest = document;
  for (const path of pathsOf(document)) {
    const shorter = without(shortest, path);
    if (shorter !== null && good(shorter)) shortest = shorter;
  }
  return shortest;
}

/** Of every key in maps of maps, each before those below it. */
export function pathsOf(document: ScenarioDocument): string[][] {
  return Object.entries(document).flatMap(([key, value]) => [
    [key],
    ...(isMapping(value) ? pathsOf(value).map((path) => [key, ...path]) : []),
  ]);
}

/** A copy without what is at the path; null where there is nothing. */
export function without(
  document: ScenarioDocument,
  path: readonly (string | number)[],
): ScenarioDocument | null {
  const copy = structuredClone(document);
  const last = path.at(-1) as string | number;
  let at: unknown = copy;
  for (const part of path.slice(0, -1)) at = (at as ScenarioDocument | undefined)?.[part];
  if (Array.isArray(at)) at.splice(Number(last), 1);
  else if (isMapping(at) && last in at) delete at[last];
  else return null;
  return copy;
}

function wholeDocument(scenario: Scenario): ScenarioDocument {
  const { name, why, seed, bundle, migration, service, handover, probe, testbed, toolchain, runtime } =
    scenario;
  const { strategy, extra } = migration;
  return {
    name,
    why,
    seed,
    bundle: bundleDocument(bundle, service.port),
    migration: {
      strategy: strategy.kind,
      ...('preDumps' in strategy && preDumpsDocument(strategy)),
      path: migration.path,
      count: migration.count,
      ...(migration.forMs !== null && { for: `${migration.forMs}ms` }),
      'warm-up': migration.warmUp,
      pause: `${migration.pauseMs}ms`,
      connections: migration.connections,
      'in-flight': migration.inFlight,
      transfer: migration.transfer,
      'image-directory': migration.imageDirectory,
      'on-failure': migration.onFailure,
      timeout: `${migration.timeoutMs}ms`,
      ...(migration.sabotage !== null && { sabotage: migration.sabotage }),
      extra: { checkpoint: extra.checkpoint, restore: extra.restore, 'criu-conf': extra.criuConf },
    },
    service: {
      name: service.name,
      address: `${service.address}/${service.prefixLength}`,
      port: service.port,
    },
    handover: withoutNull(handover),
    probe: {
      path: probe.path,
      rate: `${probe.ratePerSecond}/s`,
      connection: probe.connection.kind === 'kept' ? { kept: probe.connection.count } : probe.connection.kind,
      timeout: `${probe.timeoutMs}ms`,
      'max-in-flight': probe.maxInFlight,
      mode: probe.mode,
    },
    checks: checksDocument(scenario),
    testbed: testbedDocument(testbed),
    ...(scenario.network !== null && { network: networkDocument(scenario.network) }),
    toolchain: new Set(Object.values(toolchain)).size === 1 ? Object.values(toolchain)[0] : toolchain,
    runtime,
    faults: scenario.faults.map(faultDocument),
    capture: [...scenario.capture],
  };
}

function faultDocument(fault: FaultPlan): ScenarioDocument {
  return {
    kind: fault.kind,
    at: fault.at,
    ...(fault.place !== 'auto' && { host: fault.place }),
    after: `${fault.afterMs}ms`,
    spread: `${fault.spreadMs}ms`,
    for: `${fault.forMs}ms`,
    ...(fault.migrations !== null && { migrations: fault.migrations }),
    ...(fault.number !== null && { number: fault.number }),
  };
}

function bundleDocument(bundle: Bundle, port: number): ScenarioDocument {
  const found = workloadIn(bundle, port);
  const rest = found?.bundle ?? bundle;
  const common = {
    name: bundle.name,
    'user-namespace': bundle.userNamespace,
    heartbeat: bundle.heartbeat,
    'host-files': filesDocument(rest.hostFiles),
  };
  if (rest.kind === 'existing') return { ...common, from: rest.path };
  return {
    ...common,
    root: rootDocument(rest.root),
    ...(found === null
      ? { args: once(nonEmpty(rest.args)) }
      : { [found.workload.kind]: workloadDocument(found.workload) }),
    env: once(rest.env),
    cwd: rest.cwd,
    user: rest.user,
    network: rest.network,
    'read-only-root': rest.readOnlyRoot,
    tmpfs: once(rest.tmpfs),
    binds: rest.binds.map(({ readOnly, ...bind }) => ({ ...bind, ...(!readOnly && { 'read-only': false }) })),
  };
}

function preDumpsDocument({ preDumps, until, autoDedup }: PreDumpPlan): ScenarioDocument {
  return {
    'pre-dumps': preDumps,
    ...(until !== null && {
      'pre-dumps-until': until.belowMiB === null ? 'stops-shrinking' : { below: `${until.belowMiB}MiB` },
    }),
    'auto-dedup': autoDedup,
  };
}

/** One value where both families have the same. */
function once<T>(values: Record<string, T>): T | Record<string, T> {
  const [first, second] = Object.values(values);
  return first !== undefined && isDeepStrictEqual(first, second) ? first : values;
}

/** A family without a root has no command line. */
function nonEmpty(args: GeneratedBundle['args']): Record<string, string[]> {
  return Object.fromEntries(Object.entries(args).filter(([, words]) => words.length > 0));
}

function rootDocument(root: GeneratedBundle['root']): ScenarioDocument {
  const recipes = Object.entries(root);
  const own = recipes.map(([, recipe]) => recipe).find((recipe) => recipe?.kind === 'path');
  if (own !== undefined) return { path: own.path };
  return Object.fromEntries(recipes.map(([family, recipe]) => [family, recipeDocument(recipe)]));
}

function recipeDocument(recipe: RootRecipe): unknown {
  if (recipe.kind === 'path') return recipe;
  const { kind: _, files, ...rest } = recipe;
  return { ...rest, files: filesDocument(files) };
}

function filesDocument(files: readonly RootFile[]): Record<string, string> {
  return Object.fromEntries(files.map(({ path, content }) => [path, content]));
}

function checksDocument({ checks }: Scenario): ScenarioDocument {
  const limits: Record<string, Record<string, string>> = {};
  for (const { measurement, statistic, atMostMs } of checks.limits) {
    limits[measurement] = { ...limits[measurement], [statistic]: `${atMostMs}ms` };
  }
  return withoutNull({
    'known-hosts': checks.knownHosts,
    'no-split-brain': checks.noSplitBrain,
    'host-order': checks.hostOrder,
    'one-container': checks.oneContainer,
    'same-container': checks.sameContainer,
    'no-lost-state': checks.noLostState,
    'no-lost-writes': checks.noLostWrites,
    'same-bytes': checks.sameBytes,
    'failed-migrations': checks.failedMigrationsAtMost,
    'broken-connections': checks.brokenConnectionsAtMost,
    'lost-requests': checks.lostRequestsAtMost,
    ...limits,
  });
}

function networkDocument({ rateKbit, delayMs, lossPercent }: NetworkPlan): ScenarioDocument {
  return {
    rate: rateKbit === null ? 'unlimited' : `${rateKbit}kbit/s`,
    delay: `${delayMs}ms`,
    loss: `${lossPercent}%`,
  };
}

function testbedDocument(testbed: TestbedPlan): ScenarioDocument {
  if (testbed.kind !== 'netns') return { ...testbed };
  return { kind: testbed.kind, cgroup: testbed.cgroup, share: `${testbed.shareMiB}MiB` };
}

function withoutNull(values: object): ScenarioDocument {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}
