/** All that is made ready before the first migration: toolchains, adaptations, bundle, hosts, the container. */
import type { Clock } from './clock.ts';
import { claimFirst, readHook, settleHook } from './hook.ts';
import type { Transcript } from './host/transcript.ts';
import { whyUnable } from './migration/ability.ts';
import { type Adapted, adapt } from './migration/adaptations.ts';
import { requireRoom } from './migration/fitness.ts';
import { addressArgv, announceArgv } from './migration/handover.ts';
import { beginHygiene, type Hygiene } from './migration/hygiene.ts';
import { CRIU_CONF } from './migration/images.ts';
import type { Container } from './migration/migrate.ts';
import { portsOf, requireFreePorts } from './migration/ports.ts';
import type { Bundle, Family, HostFacts, HostName, RunHead, Scenario } from './model.ts';
import { cacheDirectory } from './paths.ts';
import type { Progress } from './report/progress.ts';
import { installBundle, type PreparedBundle, prepareBundle } from './runtime/bundle/prepare.ts';
import { startContainer } from './runtime/container.ts';
import type { Scope } from './scope.ts';
import { type GroundContext, openGround } from './testbed/ground.ts';
import { shapeHosts } from './testbed/shaping.ts';
import { hostOf, type Testbed } from './testbed/testbed.ts';

export interface Stage {
  scenario: Scenario;
  testbed: Testbed;
  container: Container;
  connections: Adapted['connections'];
  /** Null where nothing can be migrated. */
  hygiene: Hygiene | null;
  /** Why nothing can be migrated here; null where it can. */
  unable: string | null;
  /** What the record says of the run before its first migration. */
  facts: Pick<RunHead, 'hosts' | 'adaptations' | 'scenario'>;
}

export interface Setting {
  clock: Clock;
  transcript: Transcript;
  progress: Progress;
  signal: AbortSignal;
  scope: Scope;
}

/** The container runs on the first host of the path when this returns, unless the hosts are unable to move it. Everything is undone by the scope. */
export async function prepare(wanted: Scenario, setting: Setting): Promise<Stage> {
  const hook = wanted.handover.hook === null ? null : await readHook(wanted.handover.hook);
  const context = groundContext(setting);
  const ground = await openGround(wanted, context);
  const scenario = { ...wanted, service: ground.service };
  const adapted = adapt(scenario, ground);
  const family = familyOf(scenario.bundle, ground.family);
  const { userNamespace } = adapted;
  const criuConf = needsCriuConf(scenario, adapted) ? CRIU_CONF : null;
  const bundle = await prepareBundle(scenario.bundle, { family, userNamespace, criuConf }, context);
  setting.signal.throwIfAborted();
  setting.progress.status('bringing the hosts up');
  const testbed = await ground.up(bundle.shared, adapted.settings);
  const container = { runtime: scenario.runtime, id: bundle.id, bundle: bundle.directory };
  const all = [...testbed.hosts.values()];
  const unable = await whyUnable(
    scenario,
    all.map(({ host }) => host),
  );
  const adaptations = [...adapted.adaptations];
  let hygiene: Hygiene | null = null;
  if (unable === null) {
    await requireRoom(
      scenario,
      all.map(({ host }) => host),
    );
    await settle(scenario, testbed, bundle, adapted);
    if (hook !== null) await settleHook(hook, scenario, testbed, setting.scope);
    hygiene = await beginHygiene(all, {
      container,
      bundle: bundle.directory,
      service: scenario.service,
      keepsImages: scenario.migration.sabotage === 'older-image',
    });
    await begin(scenario, testbed, container);
    if (scenario.network !== null) {
      const { seed, network } = scenario;
      adaptations.push(...(await shapeHosts(network, all, { seed, scope: setting.scope })));
    }
  }
  const hosts: HostFacts[] = all.map(({ facts }) => facts);
  return {
    scenario,
    testbed,
    container,
    connections: adapted.connections,
    hygiene,
    unable,
    facts: { scenario, hosts, adaptations },
  };
}

/** Long work is announced in a line before it begins. */
export function groundContext({ progress, ...setting }: Setting): GroundContext {
  return {
    ...setting,
    cache: cacheDirectory(),
    announce: (line) => progress.line(line),
    status: (text) => progress.status(text),
  };
}

const LIMIT = { timeoutMs: 30_000 };

/** The bundle's files, and CRIU's cache of the kernel's features on every host. */
async function settle(
  scenario: Scenario,
  testbed: Testbed,
  bundle: PreparedBundle,
  adapted: Adapted,
): Promise<void> {
  const hosts = [...testbed.hosts.values()].map(({ host }) => host);
  await installBundle(bundle, scenario.bundle, hosts);
  await Promise.all(
    hosts.map(async (host) => {
      // Ports below 1024 are closed to a user namespace, even to its root.
      if (adapted.userNamespace)
        await host.exec(['sysctl', '-qw', 'net.ipv4.ip_unprivileged_port_start=0'], LIMIT);
      // Whatever it says: it fills /run/criu.kdat, which the first dump would do inside the freeze.
      await host.exec(['criu', 'check'], { ...LIMIT, allowFailure: true });
    }),
  );
  await Promise.all(hosts.map((host) => requireFreePorts(host, portsOf(scenario))));
}

/** The container and its service begin on the first host of the path. */
async function begin(scenario: Scenario, testbed: Testbed, container: Container): Promise<void> {
  const first = hostOf(testbed, scenario.migration.path[0] as HostName);
  const { hook } = scenario.handover;
  if (hook !== null) await claimFirst(hook, first, scenario.service);
  await first.host.exec(addressArgv('add', scenario.service, first.interface), LIMIT);
  // Neighbours may still know the address from an earlier run, on another host.
  await first.host.exec(announceArgv(scenario.service, first.interface), { ...LIMIT, allowFailure: true });
  await startContainer(first.host, container);
}

function needsCriuConf(scenario: Scenario, { connections }: Adapted): boolean {
  const { source, destination } = scenario.migration.extra.criuConf;
  return connections.criuConf.length + source.length + destination.length > 0;
}

/** Which root the hosts get: that of their own packages, or the RPM one where the scenario has no other. */
export function familyOf(bundle: Bundle, hosts: Family): Family {
  // dnf installs on Debian hosts too; the other way round there is seldom an mmdebstrap.
  return bundle.kind === 'generated' && bundle.root.debian === undefined ? 'rpm' : hosts;
}
