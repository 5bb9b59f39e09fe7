/** A run as a shell script that does the same without Thaw: what it takes from the record, and what it cannot have. */
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pinned } from './analysis/pinned.ts';
import { messageOf, UsageError } from './errors.ts';
import { type Adapted, adapt } from './migration/adaptations.ts';
import { HOOK } from './migration/handover.ts';
import { CRIU_CONF, imageDirectory, preDumpDirectory } from './migration/images.ts';
import type {
  Bundle,
  Family,
  GeneratedBundle,
  HostFacts,
  MigrationResult,
  RunRecord,
  Scenario,
} from './model.ts';
import { type Replay, type Root, renderReplay } from './report/repro/script.ts';
import { ociConfig, validateOci } from './runtime/bundle/config.ts';
import {
  type BundleOptions,
  existingBundle,
  HEARTBEAT_DIRECTORY,
  mountPoints,
} from './runtime/bundle/prepare.ts';
import { PAGES_PORT } from './runtime/commands.ts';
import { splitToolchain } from './runtime/parts.ts';
import { toolchainPackages } from './runtime/toolchain.ts';
import { isLazy } from './strategy.ts';
import { guardsOf } from './testbed/guards.ts';
import { hostAddresses } from './testbed/netns/addresses.ts';

/** The text of the script. UsageError where the run has what a script does not do. */
export async function scriptOf(record: RunRecord): Promise<string> {
  const scenario = pinned(record);
  const { handover } = scenario;
  const hook = handover.hook === null ? null : { path: HOOK, text: await hookAt(handover.hook) };
  return renderReplay(await replayOf(record, scenario, hook));
}

async function hookAt(path: string): Promise<string> {
  try {
    const text = await readFile(path, 'utf8');
    // A record may come from a stranger, and the script goes to others: nothing but a script goes into it.
    if (!text.startsWith('#!')) throw new UsageError(`${path} is no script that begins with #!`);
    return text;
  } catch (error) {
    throw new UsageError(`handover.hook of the run: ${messageOf(error)}`, 'put it there again');
  }
}

async function replayOf(
  { head, migrations }: RunRecord,
  scenario: Scenario,
  hook: Replay['hook'],
): Promise<Replay> {
  const { bundle, migration, service, probe, handover } = scenario;
  const { extra, transfer } = migration;
  const adapted = adaptedTo(scenario, head.hosts);
  const { connections, userNamespace } = adapted;
  const criuConf = {
    source: [...connections.criuConf, ...extra.criuConf.source],
    destination: [...connections.criuConf, ...extra.criuConf.destination],
  };
  const placed = await bundleOf(bundle, head.hosts, {
    userNamespace,
    criuConf: criuConf.source.length + criuConf.destination.length > 0 ? CRIU_CONF : null,
  });
  const hosts = [...new Set(migration.path)];
  const legs = legsOf(migrations);
  if (legs.length === 0) throw new UsageError('the run has no migration: a script of it would do nothing');
  const { plans, parent } = preDumpsOf(scenario);
  const container = { runtime: scenario.runtime, id: bundle.name, bundle: `/runc/containers/${bundle.name}` };
  const perMigration = transfer !== 'share' || migration.imageDirectory === 'per-migration';
  const named = perMigration || isLazy(migration.strategy);
  const first = imageDirectory({ scenario, container, number: 1 });
  return {
    ...{ run: head.id, thaw: head.thaw, scenario: scenario.name, ...container, service, path: probe.path },
    ...{
      hosts,
      addresses: hostAddresses(service, hosts.length + 1),
      legs,
      hook,
      criuConf: { path: CRIU_CONF, ...criuConf },
    },
    config: JSON.stringify(placed.config, null, 2),
    directories: [
      ...(bundle.kind === 'generated' ? bundle.binds.map(({ source }) => source) : []),
      ...bundle.hostFiles.map(({ path }) => dirname(path)),
    ],
    hostFiles: hosts.flatMap((host) =>
      bundle.hostFiles.map(({ path, content }) => ({
        host,
        path,
        content: content.replaceAll('{host}', host),
      })),
    ),
    toolchains: hosts.map((host) => toolchainOf(host, scenario, head.hosts)),
    ...{ rootfs: placed.rootfs, rootAt: placed.rootAt, readOnlyRoot: placed.readOnlyRoot, userNamespace },
    cgroups: scenario.testbed.kind === 'netns' ? scenario.testbed.cgroup : 'machine',
    shareMiB: scenario.testbed.kind === 'netns' ? scenario.testbed.shareMiB : 1_024,
    connected: probe.mode === 'continuous',
    kept: probe.connection.kind === 'kept',
    claim: handover.address,
    guards: guardsOf(scenario, connections),
    copies: transfer !== 'share',
    pages: pagesOf(migration),
    pagesPort: PAGES_PORT,
    settings: adapted.settings,
    limitS: Math.ceil(migration.timeoutMs / 1_000),
    images: {
      directory: perMigration ? dirname(first) : first,
      perMigration,
      given: named,
    },
    preDumps: {
      flags: [...plans.dedup, ...connections.checkpointFlags, ...extra.checkpoint],
      parents: plans.parents,
    },
    checkpointFlags: [...parent, ...connections.checkpointFlags, ...extra.checkpoint],
    restoreFlags: [
      ...(isLazy(migration.strategy) ? ['--lazy-pages'] : []),
      ...connections.restoreFlags,
      ...extra.restore,
    ],
    expected: expectedOf(migrations),
    without: withoutOf(scenario),
  };
}

function pagesOf({ strategy, transfer }: Scenario['migration']): Replay['pages'] {
  if (isLazy(strategy)) return 'follow';
  return transfer === 'page-server' ? 'before' : 'in-images';
}

type Placed = Pick<Replay, 'rootfs' | 'rootAt' | 'readOnlyRoot'> & { config: unknown };

/** A bundle of the user's own is read where it lies: of a record alone nobody has it. */
async function bundleOf(
  bundle: Bundle,
  hosts: readonly HostFacts[],
  options: Pick<BundleOptions, 'userNamespace' | 'criuConf'>,
): Promise<Placed> {
  if (bundle.kind === 'existing') {
    const { config, shared } = await existingBundle(bundle, options);
    // The script goes to others: nothing but a config.json goes into it.
    validateOci(config);
    const [{ from, at } = { from: bundle.path, at: '' }] = shared;
    const rootAt = at.endsWith('/rootfs') ? '/rootfs' : '';
    return { config, rootfs: { kind: 'directory', path: from }, rootAt, readOnlyRoot: false };
  }
  const family = familyOf(bundle, hosts);
  const heartbeatDirectory = bundle.heartbeat ? HEARTBEAT_DIRECTORY : null;
  const config = ociConfig(bundle, family, { ...options, heartbeatDirectory });
  const rootfs = rootOf(bundle, family, mountPoints(config));
  return { config, rootfs, rootAt: '/rootfs', readOnlyRoot: bundle.readOnlyRoot };
}

function adaptedTo(scenario: Scenario, hosts: readonly HostFacts[]): Adapted {
  return adapt(scenario, {
    missingCapabilities: [...new Set(hosts.flatMap((host) => host.missingCapabilities))],
    runtimeVersions: hosts.map(({ toolchain }) => toolchain.runtime.version),
  });
}

function familyOf(bundle: GeneratedBundle, hosts: readonly HostFacts[]): Family {
  if (bundle.root.debian === undefined) return 'rpm';
  const rpm = hosts.every(({ distribution }) => /red hat|rhel|centos|fedora|rocky|alma/i.test(distribution));
  return rpm && bundle.root.rpm !== undefined ? 'rpm' : 'debian';
}

/** Those up to the first that failed; where none did, the first that was measured, with what came before it. */
function legsOf(migrations: readonly MigrationResult[]): Replay['legs'] {
  const failed = migrations.findIndex(({ outcome }) => outcome.state === 'failed');
  const last = failed >= 0 ? failed : migrations.findIndex(({ warmUp }) => !warmUp);
  return migrations.slice(0, last + 1).map(({ source, destination }) => ({ source, destination }));
}

function expectedOf(migrations: readonly MigrationResult[]): Replay['expected'] {
  for (const { outcome, diagnosis } of migrations) {
    if (outcome.state !== 'failed') continue;
    const line = diagnosis?.line?.text ?? '';
    // What CRIU says of it, without the task and the place in its source.
    return { phase: outcome.phase, line: line.replace(/^\s*\d+: /, '').replace(/^Error \([^)]*\): /, '') };
  }
  return null;
}

function preDumpsOf({ migration: { strategy } }: Scenario) {
  if (!('preDumps' in strategy)) return { plans: { dedup: [], parents: [] }, parent: [] };
  const { preDumps, autoDedup } = strategy;
  const dedup = autoDedup ? ['--auto-dedup'] : [];
  const numbers = Array.from({ length: preDumps }, (_, i) => i);
  const parents = numbers.map((i) => (i === 0 ? null : `../${preDumpDirectory(i)}`));
  return { plans: { dedup, parents }, parent: ['--parent-path', preDumpDirectory(preDumps), ...dedup] };
}

function toolchainOf(
  host: string,
  { toolchain }: Scenario,
  hosts: readonly HostFacts[],
): Replay['toolchains'][number] {
  const facts = hosts.find(({ name }) => name === host)?.toolchain;
  const name = facts?.name ?? toolchain[host] ?? 'auto';
  const versions =
    facts === undefined ? 'unknown' : `${facts.runtime.name} ${facts.runtime.version}, CRIU ${facts.criu}`;
  return { host, name, versions, root: toolchainRootOf(name) };
}

function toolchainRootOf(name: string): Root {
  const { base, parts } = splitToolchain(name);
  const suite = /^debian:(.*)$/.exec(base)?.[1];
  if (parts.length > 0) return { kind: 'given', what: `the run had ${name}` };
  if (suite !== undefined) {
    return { kind: 'build', suite, packages: toolchainPackages(suite), files: [], directories: [] };
  }
  if (base.startsWith('path:')) return { kind: 'directory', path: base.slice('path:'.length) };
  return base === 'host' ? { kind: 'directory', path: '/' } : { kind: 'given', what: `the run had ${name}` };
}

function rootOf(bundle: GeneratedBundle, family: Family, directories: string[]): Root {
  const recipe = bundle.root[family];
  switch (recipe?.kind) {
    case 'debian':
      return {
        kind: 'build',
        suite: recipe.suite,
        packages: recipe.packages,
        files: recipe.files,
        directories,
      };
    case 'path':
      return { kind: 'directory', path: recipe.path };
    default:
      return { kind: 'given', what: `a root file system with ${recipe?.packages.join(', ')}` };
  }
}

function withoutOf({ testbed, migration, faults, handover, network }: Scenario): string[] {
  return [
    ...(network === null ? [] : ['the rate, the delay and the loss of the network']),
    ...(testbed.kind === 'netns' ? [] : [`the ${testbed.kind} testbed: hosts of namespaces stand in for it`]),
    ...(migration.sabotage === null ? [] : [`the sabotage ${migration.sabotage}`]),
    ...(faults.length === 0 ? [] : ['the faults on purpose']),
    ...(handover.unserved === 'refuse'
      ? []
      : ['that the source is closed to new connections before the dump']),
    ...('until' in migration.strategy && migration.strategy.until !== null
      ? ['that pre-dumps end when they stop shrinking: all of them are made']
      : []),
  ];
}
