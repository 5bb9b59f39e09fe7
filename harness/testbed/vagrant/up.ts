/** The Vagrant testbed: virtual machines that are brought up when they are not, kept, and then reached over SSH. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError, messageOf } from '../../errors.ts';
import { sshConnection } from '../../host/ssh-connection.ts';
import type { HostName } from '../../model.ts';
import type { Machines } from '../remote/ground.ts';
import { type Machine, parseInventory } from '../remote/inventory.ts';
import { targetOf } from '../remote/target.ts';
import { bootWatch } from './boot.ts';
import { ensureBox, hostKeyOf } from './box.ts';
import type { Vagrant } from './cli.ts';
import { openVagrant, placeOf, stateOf, type VagrantContext, type VagrantTestbed } from './place.ts';
import { powerOff } from './power-off.ts';
import { howToReach } from './reach.ts';
import { vagrantSettings } from './settings.ts';

/** The third machine, as the Vagrantfile calls it. */
const CLIENT = 'client';
/** Of everything but the boot: boxes are downloaded, packages installed. */
const UP_LIMIT_MS = 15 * 60_000;
const COMMAND_LIMIT_MS = 5 * 60_000;
const REACH_LIMIT_MS = 60_000;

/** The machines, running and provisioned; those that are up already are taken as they are. */
export async function vagrantMachines(
  path: readonly HostName[],
  context: VagrantContext,
  options: { fresh: boolean } = { fresh: false },
): Promise<Machines> {
  const known = options.fresh ? null : await runningMachines(path, context);
  if (known !== null) return known;
  const testbed = await openVagrant(context);
  const names = [...new Set([...path, ...(testbed.settings.client ? [CLIENT] : [])])];
  await bringUp(testbed, names, options, context);
  return describe(testbed, names, context);
}

async function bringUp(
  testbed: VagrantTestbed,
  names: readonly HostName[],
  { fresh }: { fresh: boolean },
  context: VagrantContext,
): Promise<void> {
  const onLine = (line: string): void => context.status(line.slice(0, 100));
  const vagrant = testbed.withEnvironment({ THAW_VAGRANT_BOX: await ensureBox(testbed, context) });
  const saved = await withSnapshot(vagrant, names);
  if (fresh && saved.length === names.length) {
    context.announce('going back to the state after provisioning');
    for (const name of names) {
      await boot(
        testbed,
        vagrant,
        ['snapshot', 'restore', name, SNAPSHOT, '--no-provision'],
        [name],
        context,
      );
    }
    return;
  }
  context.announce(`bringing ${new Intl.ListFormat('en-GB').format(names)} up by Vagrant`);
  const unsaved = names.filter((one) => !saved.includes(one));
  // Vagrant takes a machine for provisioned as soon as that has begun.
  const again = unsaved.length === 0 ? [] : ['--provision'];
  await boot(testbed, vagrant, ['up', ...again, ...names], names, context);
  for (const name of unsaved) {
    await vagrant.run(['snapshot', 'save', name, SNAPSHOT], { timeoutMs: COMMAND_LIMIT_MS, onLine });
  }
}

/** Runs what boots machines. Those that do not come up in time are powered off, for the next try to begin anew. */
async function boot(
  testbed: VagrantTestbed,
  vagrant: Vagrant,
  args: readonly string[],
  names: readonly HostName[],
  context: VagrantContext,
): Promise<void> {
  const { bootLimitMs } = testbed.settings;
  const watch = bootWatch(bootLimitMs);
  const onLine = (line: string): void => context.status(line.slice(0, 100));
  try {
    await vagrant.run(args, { timeoutMs: UP_LIMIT_MS + bootLimitMs, boot: watch, onLine });
  } catch (error) {
    const late = watch.booting();
    const told =
      late.length > 0
        ? await withConsoles(error, testbed.state, late, true)
        : await withConsoles(error, testbed.state, names, false);
    if (late.length > 0 && !context.signal.aborted) await powerOff(testbed, context, late);
    throw told;
  }
}

/** The machines that have a snapshot of the state after provisioning; one that does not exist has none. */
async function withSnapshot(vagrant: Vagrant, names: readonly HostName[]): Promise<HostName[]> {
  const saved: HostName[] = [];
  for (const name of names) {
    const limit = { timeoutMs: COMMAND_LIMIT_MS };
    const listed = await vagrant.run(['snapshot', 'list', name], limit).catch(() => []);
    if (listed.some(({ data }) => data.some((text) => text.includes(SNAPSHOT)))) saved.push(name);
  }
  return saved;
}

const SNAPSHOT = 'thaw-provisioned';
const CONSOLE_LINES = 12;

/** What a machine said last on its console tells why it did not come up. */
async function withConsoles(
  error: unknown,
  state: string,
  names: readonly HostName[],
  late: boolean,
): Promise<unknown> {
  if (!(error instanceof EnvironmentError)) return error;
  const said: string[] = [];
  for (const name of names) {
    const text = await readFile(join(state, `console-${name}.log`), 'utf8').catch(() => '');
    const lines = (text.trim() || '(nothing so far)').split('\n').slice(-CONSOLE_LINES);
    if (text.trim() === '' && !late) continue;
    said.push(`console of ${name}:`, ...lines.map((line) => `  ${line}`));
  }
  const next = error.next ?? 'see docs/vagrant.md';
  return said.length === 0 ? error : new EnvironmentError([messageOf(error), ...said].join('\n  '), next);
}

/** How the machines are reached, as Vagrant tells it; kept, so that the next run need not ask. */
async function describe(
  testbed: VagrantTestbed,
  path: readonly HostName[],
  context: VagrantContext,
): Promise<Machines> {
  const { vagrant, state, enter } = testbed;
  const machines = await howToReach(vagrant, path, { limitMs: REACH_LIMIT_MS, status: context.status });
  const lost = path.find((name) => !machines.has(name));
  if (lost !== undefined) {
    throw new EnvironmentError(
      `Vagrant does not tell how to reach ${lost}`,
      'vagrant ssh-config shows what it knows',
    );
  }
  const inventory = await inventoryText(machines, testbed, context);
  await writeFile(inventoryFile(state), inventory, { mode: 0o600 });
  return { inventory: parseInventory(inventory, inventoryFile(state)), enter };
}

export function inventoryFile(state: string): string {
  return join(state, 'inventory.yaml');
}

async function inventoryText(
  machines: ReadonlyMap<string, Machine>,
  testbed: VagrantTestbed,
  context: VagrantContext,
): Promise<string> {
  const hosts: Record<string, Machine> = {};
  for (const [name, machine] of machines) {
    hosts[name] = { ...machine, 'host-key': await hostKeyOf(name, testbed, context) };
  }
  const { service, share, client } = testbed.settings;
  const asked = { service: { address: service }, ...(share && { share }), ...(client && { client: CLIENT }) };
  // JSON is YAML.
  return `${JSON.stringify({ hosts, ...asked }, null, 2)}\n`;
}

/** The machines as they were when Vagrant last told of them; null where it did not, or libvirt's place is gone. */
export async function knownMachines(cache: string): Promise<Machines | null> {
  const state = stateOf(cache);
  const text = await readFile(inventoryFile(state), 'utf8').catch(() => null);
  if (text === null) return null;
  const place = await placeOf(state);
  if (place === null && !existsSync('/run/systemd/system')) return null;
  return { inventory: parseInventory(text, inventoryFile(state)), enter: place ?? [] };
}

/** The known machines, where every one of them still answers; null: Vagrant has to be asked. */
async function runningMachines(path: readonly HostName[], context: VagrantContext): Promise<Machines | null> {
  const machines = await knownMachines(context.cache);
  if (machines === null) return null;
  // A client that is asked for, or no more, is Vagrant's to make, or to forget.
  const wanted = vagrantSettings(process.env).client ? CLIENT : null;
  if (machines.inventory.client !== wanted) return null;
  context.status('asking whether the machines run');
  const answers = [...path, ...(wanted === null ? [] : [wanted])].map((name) => answersNow(name, machines));
  return (await Promise.all(answers)).every(Boolean) ? machines : null;
}

async function answersNow(name: HostName, { inventory, enter }: Machines): Promise<boolean> {
  const machine = inventory.hosts.get(name);
  if (machine === undefined) return false;
  const connection = sshConnection(await targetOf(name, machine, enter), 5_000);
  return connection
    .open()
    .then(
      () => true,
      () => false,
    )
    .finally(connection.close);
}
