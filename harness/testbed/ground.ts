/** The ground of a run: what is known of the hosts before the bundle is made, and how they come up with it. */
import type { Clock } from '../clock.ts';
import type { Transcript } from '../host/transcript.ts';
import type { Family, HostName, Scenario, Service } from '../model.ts';
import type { Shared } from '../runtime/bundle/prepare.ts';
import type { RootContext } from '../runtime/toolchain.ts';
import type { Scope } from '../scope.ts';
import { capabilitiesMissingHere } from './facts.ts';
import type { MachineSetting } from './netns/machine-settings.ts';
import { netnsUp } from './netns/up.ts';
import { remoteGround } from './remote/ground.ts';
import { loadInventory } from './remote/inventory.ts';
import type { Testbed } from './testbed.ts';
import { chooseToolchains } from './toolchains.ts';
import { vagrantMachines } from './vagrant/up.ts';

export interface Ground {
  /** Which packages the root file systems are made of. */
  family: Family;
  /** Capabilities that any of the hosts lacks. */
  missingCapabilities: readonly string[];
  /** The runtime's version on each host. */
  runtimeVersions: readonly string[];
  /** The service, with the address that these hosts' network has room for. */
  service: Service;
  /** Brings the hosts up with these directories below /runc. The settings are of this machine, for hosts in it. */
  up(shared: readonly Shared[], settings: readonly MachineSetting[]): Promise<Testbed>;
}

export interface GroundContext extends RootContext {
  clock: Clock;
  transcript: Transcript;
  scope: Scope;
  status(text: string): void;
}

/** One switch decides the testbed. */
export async function openGround(scenario: Scenario, context: GroundContext): Promise<Ground> {
  const { testbed } = scenario;
  switch (testbed.kind) {
    case 'netns':
      return netnsGround(scenario, testbed, context);
    case 'vagrant': {
      const machines = await vagrantMachines(scenario.migration.path, context);
      return remoteGround(scenario, machines, context);
    }
    case 'ssh':
      return remoteGround(
        scenario,
        { inventory: await loadInventory(testbed.inventory), enter: [] },
        context,
      );
  }
}

async function netnsGround(
  scenario: Scenario,
  plan: Extract<Scenario['testbed'], { kind: 'netns' }>,
  context: GroundContext,
): Promise<Ground> {
  const toolchains = await chooseToolchains(scenario, context);
  const { service } = scenario;
  const { clock, transcript, scope } = context;
  const all = [...toolchains.values()];
  return {
    // Namespace hosts are Debian by their toolchain, or what this machine is.
    family: all.every(({ family }) => family === 'rpm') ? 'rpm' : 'debian',
    missingCapabilities: capabilitiesMissingHere(),
    runtimeVersions: all.map(({ facts }) => facts.runtime.version),
    service,
    up(shared, settings) {
      const hosts = [...toolchains].map(
        ([name, { facts, root, over }]: [HostName, (typeof all)[number]]) => ({
          name,
          toolchain: facts,
          root,
          over,
        }),
      );
      const shareOn = scenario.faults.some(({ kind }) => kind === 'hang-share') ? 'disk' : 'memory';
      return netnsUp({ plan, shareOn, service, hosts, shared, settings, clock, transcript }, scope);
    },
  };
}
