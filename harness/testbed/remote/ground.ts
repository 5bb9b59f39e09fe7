/** Machines that are reached over SSH, as the ground of a run. They outlive it, so everything on them is put back. */
import { EnvironmentError, UsageError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { localHost } from '../../host/local-host.ts';
import type { Family, HostFacts, HostName, RuntimeName, Scenario, Service } from '../../model.ts';
import { deleteArgv, stateArgv } from '../../runtime/commands.ts';
import { nearest } from '../../scenario/parse.ts';
import { cgroupOf, familyOf, hostFacts, toolVersions } from '../facts.ts';
import type { Ground, GroundContext } from '../ground.ts';
import { allGuards, unguard } from '../guards.ts';
import type { Testbed, TestbedHost } from '../testbed.ts';
import { connect, requireRoot } from './connect.ts';
import type { Inventory, Machine } from './inventory.ts';
import { remoteObserver } from './observer.ts';
import { deliver, requireShared } from './share.ts';

export interface Machines {
  inventory: Inventory;
  /** Words before a command that enter the network in which the machines are; none: this machine's own. */
  enter: readonly string[];
}

const LIMIT = { timeoutMs: 30_000 };

export async function remoteGround(
  scenario: Scenario,
  { inventory, enter }: Machines,
  context: GroundContext,
): Promise<Ground> {
  const wanted = scenario.migration.path.map((name) => machineOf(inventory, name));
  requireHostToolchain(scenario);
  const service = { ...scenario.service, ...inventory.service };
  context.status('connecting to the hosts');
  const connected = await Promise.all(
    wanted.map(({ name, machine }) =>
      connectHost(name, machine, { enter, service, runtime: scenario.runtime, context }),
    ),
  );
  const hosts = new Map(connected.map((one) => [one.host.name, one]));
  const all = connected.map(({ host }) => host);
  for (const host of all) await claim(host, context);
  await Promise.all(connected.map((one) => tidy(one, scenario, service)));
  context.scope.defer('leave the hosts as they were', async () => {
    await Promise.all(connected.map((one) => tidy(one, scenario, service)));
  });
  const families = new Set(await Promise.all(all.map(familyOf)));
  return {
    family: onlyOne(families),
    missingCapabilities: [...new Set(connected.flatMap(({ facts }) => facts.missingCapabilities))],
    runtimeVersions: connected.map(({ facts }) => facts.toolchain.runtime.version),
    service,
    async up(shared): Promise<Testbed> {
      await requireShared(all);
      const server = connected.find(({ host }) => host.name === inventory.share?.server) ?? connected[0];
      const base = inventory.share?.directory ?? '/runc';
      await deliver(shared, (server as TestbedHost).host, base, context.announce);
      const { clock, transcript } = context;
      const client = localHost({ name: 'client', enter, clock, transcript });
      return { kind: scenario.testbed.kind, hosts, client, serviceAddress: service.address, disturb };
    },
  };
}

/** Machines are reached by the network that would be cut, and are nobody's to end. */
async function disturb(): Promise<{ unable: string }> {
  return { unable: 'it can be done only to hosts made of namespaces' };
}

function machineOf(inventory: Inventory, name: HostName): { name: HostName; machine: Machine } {
  const machine = inventory.hosts.get(name);
  if (machine !== undefined) return { name, machine };
  throw new UsageError(
    `${inventory.file} has no host ${name}${nearest(name, [...inventory.hosts.keys()])}`,
    'add it to `hosts`, or change `migration.path` in the scenario',
  );
}

function requireHostToolchain({ toolchain }: Scenario): void {
  const other = Object.entries(toolchain).find(([, name]) => name !== 'auto' && name !== 'host');
  if (other === undefined) return;
  throw new UsageError(
    `the toolchain ${other[1]} of ${other[0]} is for the namespace testbed`,
    'on other testbeds runc and CRIU are those that the hosts have: use auto or host',
  );
}

async function connectHost(
  name: HostName,
  machine: Machine,
  {
    enter,
    service,
    runtime,
    context,
  }: { enter: readonly string[]; service: Service; runtime: RuntimeName; context: GroundContext },
): Promise<TestbedHost> {
  const { host, clock } = await connect(name, machine, enter, context);
  await requireRoot(host);
  await clock.read();
  return {
    host,
    interface: machine.interface ?? (await interfaceTo(host, service)),
    observe: remoteObserver(host, clock),
    clock,
    facts: await factsOf(host, runtime),
  };
}

/** The interface that leads to the service's network. */
async function interfaceTo(host: Host, service: Service): Promise<string> {
  const { stdout } = await host.exec(['ip', '-o', 'route', 'get', service.address], {
    ...LIMIT,
    allowFailure: true,
  });
  // An address that is still there from a killed run leads to the loopback.
  const found = /\bdev (\S+)/.exec(stdout)?.[1];
  if (found !== undefined && found !== 'lo' && !/ via /.test(stdout)) return found;
  const { stdout: addresses } = await host.exec(['ip', '-o', '-4', 'address', 'show'], LIMIT);
  const holder = addresses.split('\n').find((line) => line.includes(` ${service.address}/`));
  const device = /^\d+: (\S+)/.exec(holder ?? '')?.[1];
  if (device !== undefined) return device;
  throw new EnvironmentError(
    `${host.name} has no interface in the network of the service address ${service.address}/${service.prefixLength}`,
    'give `service.address` in the inventory an address of a network that all hosts are in, or name `interface`',
  );
}

async function factsOf(host: Host, runtime: RuntimeName): Promise<HostFacts> {
  const versions = await toolVersions(host);
  for (const tool of [runtime, 'criu'] as const) {
    if (versions[tool] === 'unknown') {
      throw new EnvironmentError(`${host.name} has no ${tool}`, `install it there: dnf install ${tool}`);
    }
  }
  const toolchain = {
    name: 'host',
    runtime: { name: runtime, version: versions[runtime] },
    criu: versions.criu,
    digest: null,
    because: 'what is installed there',
  };
  return hostFacts(host, toolchain, await cgroupOf(host));
}

function onlyOne(families: ReadonlySet<Family>): Family {
  const [family, other] = [...families];
  if (family !== undefined && other === undefined) return family;
  throw new EnvironmentError(
    'the hosts are of different families (Debian and RPM packages)',
    'a container moves between hosts that have the same root file system for it',
  );
}

const LOCK = '/run/thaw.lock';

/** One run at a time: the lock is held by a process that ends with the connection. */
async function claim(host: Host, { scope }: GroundContext): Promise<void> {
  const held = host.spawn(['flock', '--nonblock', LOCK, '/bin/sh', '-c', 'echo held; cat >/dev/null'], {});
  held.stderr.resume();
  const got = await new Promise<boolean>((resolve) => {
    held.stdout.once('data', () => resolve(true));
    held.exited.then(() => resolve(false));
  });
  if (!got) throw new EnvironmentError(`${host.name} is in use by another run`, 'wait for it to end');
  scope.defer(`let go of ${host.name}`, async () => {
    held.stdin.end();
    await held.exited;
  });
}

/** Removes what a run puts on a host beside the share; after a killed run, what that one left. */
async function tidy(
  { host, interface: device }: TestbedHost,
  scenario: Scenario,
  service: Service,
): Promise<void> {
  const quiet = { ...LIMIT, allowFailure: true };
  const container = { runtime: scenario.runtime, id: scenario.bundle.name };
  const bundle = `/runc/containers/${container.id}`;
  const state = await host.exec(stateArgv(container), quiet);
  // A container of that name that is not Thaw's has another bundle, and is left alone.
  if (state.status === 0 && (JSON.parse(state.stdout) as { bundle?: string }).bundle === bundle) {
    await host.exec(deleteArgv(container), quiet);
  }
  const address = `${service.address}/${service.prefixLength}`;
  await host.exec(['ip', 'address', 'del', address, 'dev', device], quiet);
  await unguard(host, allGuards(service));
  await host.exec(['rm', '-f', '--', '/run/thaw-criu.conf', '/run/thaw-handover'], quiet);
  await host.exec(['rm', '-rf', '--one-file-system', '--', '/run/thaw-images'], quiet);
}
