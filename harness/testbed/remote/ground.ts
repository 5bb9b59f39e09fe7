/** Machines that are reached over SSH, as the ground of a run. They outlive it, so everything on them is put back. */
import { EnvironmentError, UsageError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { localHost } from '../../host/local-host.ts';
import type { Family, HostName, RuntimeName, Scenario, Service, ToolchainName } from '../../model.ts';
import { CAPTURES } from '../../paths.ts';
import { deleteArgv, stateArgv } from '../../runtime/commands.ts';
import { SANITIZER_DIRECTORY } from '../../runtime/sanitizers.ts';
import type { ToolchainRoot } from '../../runtime/toolchain.ts';
import { nearest } from '../../scenario/parse.ts';
import { familyOf } from '../facts.ts';
import type { Ground, GroundContext } from '../ground.ts';
import { allGuards, unguard } from '../guards.ts';
import { unshape } from '../shaping.ts';
import type { Testbed, TestbedHost } from '../testbed.ts';
import { remoteClient } from './client.ts';
import { type Connected, connect, requireRoot } from './connect.ts';
import { remoteDisturb } from './disturb.ts';
import type { Inventory, Machine } from './inventory.ts';
import { claimed } from './lock.ts';
import { remoteObserver } from './observer.ts';
import { deliver, requireShared } from './share.ts';
import { cachedRoot, remoteFacts, withToolchain } from './toolchains.ts';

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
  const service = { ...scenario.service, ...inventory.service };
  // Before a machine is touched: what is wrong with a toolchain, or does not build, is told first.
  const roots = await rootsOf(scenario, context);
  context.status('connecting to the hosts');
  const machines = await Promise.all(
    wanted.map(({ name, machine }) => connectMachine(name, machine, { enter, service, context })),
  );
  const all = machines.map(({ host }) => host);
  for (const host of all) await claim(host, context);
  const tidied = async (): Promise<void> => {
    await Promise.all(machines.map((one) => tidy(one, scenario, service)));
  };
  await tidied();
  context.scope.defer('leave the hosts as they were', tidied);
  const client = await remoteClient({ inventory, enter }, scenario.migration.path, context);
  const families = new Set(await Promise.all(all.map(familyOf)));
  const connected = await Promise.all(
    machines.map((one) =>
      equip(one, { root: roots.get(one.host.name) as ToolchainRoot, runtime: scenario.runtime }, context),
    ),
  );
  const hosts = new Map(connected.map((one) => [one.host.name, one]));
  return {
    family: onlyOne(families),
    missingCapabilities: [...new Set(connected.flatMap(({ facts }) => facts.missingCapabilities))],
    runtimeVersions: connected.map(({ facts }) => facts.toolchain.runtime.version),
    service,
    async up(shared): Promise<Testbed> {
      await requireShared(all, context.announce);
      const server = all.find(({ name }) => name === inventory.share?.server) ?? all[0];
      const base = inventory.share?.directory ?? '/runc';
      await deliver(shared, server as Host, base, context.announce);
      const { clock, transcript } = context;
      const { host, remote } = client ?? {
        host: localHost({ name: 'client', enter, clock, transcript }),
        remote: null,
      };
      const { kind } = scenario.testbed;
      const disturb = remoteDisturb(kind, hosts, context.scope);
      return { kind, hosts, client: host, remoteClient: remote, serviceAddress: service.address, disturb };
    },
  };
}

function machineOf(inventory: Inventory, name: HostName): { name: HostName; machine: Machine } {
  const machine = inventory.hosts.get(name);
  if (machine !== undefined) return { name, machine };
  throw new UsageError(
    `${inventory.file} has no host ${name}${nearest(name, [...inventory.hosts.keys()])}`,
    'add it to `hosts`, or change `migration.path` in the scenario',
  );
}

async function rootsOf(
  { toolchain, migration }: Scenario,
  context: GroundContext,
): Promise<Map<HostName, ToolchainRoot>> {
  const byName = new Map<ToolchainName, ToolchainRoot>();
  const roots = new Map<HostName, ToolchainRoot>();
  for (const host of migration.path) {
    const name = toolchain[host] ?? 'auto';
    const root = byName.get(name) ?? (await cachedRoot(name, context));
    byName.set(name, root);
    roots.set(host, root);
  }
  return roots;
}

interface ConnectedMachine extends Connected {
  interface: string;
}

async function connectMachine(
  name: HostName,
  machine: Machine,
  { enter, service, context }: { enter: readonly string[]; service: Service; context: GroundContext },
): Promise<ConnectedMachine> {
  const connected = await connect(name, machine, enter, context);
  await requireRoot(connected.host);
  await connected.clock.read();
  return { ...connected, interface: machine.interface ?? (await interfaceTo(connected.host, service)) };
}

/** The machine with its toolchain: from here on commands run there. */
async function equip(
  machine: ConnectedMachine,
  wanted: { root: ToolchainRoot; runtime: RuntimeName },
  context: GroundContext,
): Promise<TestbedHost> {
  const { clock, interface: device } = machine;
  await machine.host.exec(['mkdir', '-p', '-m', '1777', '--', SANITIZER_DIRECTORY], LIMIT);
  const { host, pidNamespace } = await withToolchain(machine, wanted.root, context);
  const facts = await remoteFacts(machine.host, host, wanted);
  // What looks at CRIU is the machine's own, and not the toolchain's.
  const beside = { host: machine.host, local: false, pidNamespace };
  return { host, interface: device, observe: remoteObserver(host, clock), clock, facts, beside };
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

function onlyOne(families: ReadonlySet<Family>): Family {
  const [family, other] = [...families];
  if (family !== undefined && other === undefined) return family;
  throw new EnvironmentError(
    'the hosts are of different families (Debian and RPM packages)',
    'a container moves between hosts that have the same root file system for it',
  );
}

async function claim(host: Host, { scope }: GroundContext): Promise<void> {
  if (await claimed(host, scope)) return;
  throw new EnvironmentError(`${host.name} is in use by another run`, 'wait for it to end');
}

const DIRECTORIES = ['/run/thaw-images', CAPTURES, SANITIZER_DIRECTORY];

/** Removes what a run puts on a host beside the share; after a killed run, what that one left. */
async function tidy(
  { host, interface: device }: ConnectedMachine,
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
  await unshape(host, device);
  await host.exec(['rm', '-f', '--', '/run/thaw-criu.conf', '/run/thaw-handover'], quiet);
  await host.exec(['rm', '-rf', '--one-file-system', '--', ...DIRECTORIES], quiet);
}
