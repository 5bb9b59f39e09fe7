/** The Vagrant testbed: virtual machines that are brought up when they are not, kept, and then reached over SSH. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError, messageOf } from '../../errors.ts';
import { mustRun, run } from '../../host/local.ts';
import { sshConnection } from '../../host/ssh-connection.ts';
import type { HostName } from '../../model.ts';
import type { RootContext } from '../../runtime/toolchain.ts';
import type { Machines } from '../remote/ground.ts';
import { type Machine, parseInventory } from '../remote/inventory.ts';
import { targetOf } from '../remote/target.ts';
import { requireVagrant, type Vagrant, vagrantCli } from './cli.ts';
import { overridesOf, PROJECT, type VagrantSettings, vagrantSettings } from './settings.ts';

const UP_LIMIT_MS = 15 * 60_000;
const COMMAND_LIMIT_MS = 5 * 60_000;

export interface VagrantContext extends RootContext {
  status(text: string): void;
}

export interface VagrantTestbed {
  vagrant: Vagrant;
  settings: VagrantSettings;
  enter: readonly string[];
  /** Everything that outlives a run: disks, boxes, Vagrant's own state. */
  state: string;
}

/** The machines, running and provisioned; those that are up already are taken as they are. */
export async function vagrantMachines(
  path: readonly HostName[],
  context: VagrantContext,
  options: { fresh: boolean } = { fresh: false },
): Promise<Machines> {
  const known = options.fresh ? null : await runningMachines(path, context);
  if (known !== null) return known;
  const testbed = await openVagrant(context);
  await bringUp(testbed, [...new Set(path)], options, context);
  return describe(testbed, path);
}

/** Vagrant in its place, with libvirt running. */
export async function openVagrant(context: VagrantContext): Promise<VagrantTestbed> {
  context.status('looking for Vagrant');
  await requireVagrant();
  const state = stateOf(context.cache);
  await mkdir(state, { recursive: true, mode: 0o700 });
  const settings = vagrantSettings(process.env);
  const enter = settings.provider === 'libvirt' ? await libvirtPlace(state, context) : [];
  const environment = {
    HOME: process.env.HOME ?? '/root',
    ...overridesOf(process.env),
    // Entering a mount namespace loses the working directory.
    VAGRANT_CWD: PROJECT,
    THAW_VAGRANT_STATE: state,
    VAGRANT_DOTFILE_PATH: join(state, 'dot'),
    VAGRANT_HOME: join(state, 'vagrant-home'),
    VAGRANT_CHECKPOINT_DISABLE: '1',
    VAGRANT_BOX_UPDATE_CHECK_DISABLE: '1',
    VAGRANT_NO_COLOR: '1',
    VAGRANT_DEFAULT_PROVIDER: settings.provider,
  };
  return {
    vagrant: vagrantCli({ enter, environment, signal: context.signal }),
    settings,
    enter,
    state,
  };
}

export function stateOf(cache: string): string {
  return join(cache, 'vagrant', 'state');
}

/** Where systemd runs, libvirt is the system's own. Elsewhere it is started in namespaces of ours. */
async function libvirtPlace(state: string, { announce, signal }: RootContext): Promise<string[]> {
  if (existsSync('/run/systemd/system') || process.platform !== 'linux') return [];
  const running = await placeOf(state);
  if (running !== null) return running;
  announce('starting libvirt in a network of its own');
  await mustRun([join(PROJECT, 'vagrant/libvirt/start.sh'), state], { timeoutMs: 60_000, signal });
  const started = await placeOf(state);
  if (started !== null) return started;
  throw new EnvironmentError('libvirt ended as soon as it had begun', `its log is in ${state}`);
}

/** Words that enter the place in which libvirt runs; null where it does not. */
export async function placeOf(state: string): Promise<string[] | null> {
  const text = await readFile(join(state, 'libvirtd.pid'), 'utf8').catch(() => '');
  const [pid = '', startTime = ''] = text.trim().split(/\s+/);
  if (!/^\d+$/.test(pid)) return null;
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // Field 22 of proc(5)'s stat, after the name in brackets: a PID that was used again has another.
  if (stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] !== startTime) return null;
  return ['nsenter', '--target', pid, '--net', '--mount', '--'];
}

async function bringUp(
  { vagrant, settings, state }: VagrantTestbed,
  names: readonly HostName[],
  { fresh }: { fresh: boolean },
  context: VagrantContext,
): Promise<void> {
  const onLine = (line: string): void => context.status(line.slice(0, 100));
  await ensureBox(vagrant, settings, context);
  const snapshots = await vagrant.run(['snapshot', 'list'], { timeoutMs: COMMAND_LIMIT_MS }).catch(() => []);
  const provisioned = JSON.stringify(snapshots).includes(SNAPSHOT);
  if (fresh && provisioned) {
    context.announce('going back to the state after provisioning');
    for (const name of names) {
      await vagrant.run(['snapshot', 'restore', name, SNAPSHOT, '--no-provision'], {
        timeoutMs: UP_LIMIT_MS,
        onLine,
      });
    }
    return;
  }
  context.announce(`bringing ${names.join(' and ')} up by Vagrant`);
  try {
    await vagrant.run(['up', ...names], { timeoutMs: UP_LIMIT_MS, onLine });
  } catch (error) {
    throw await withConsoles(error, state, names);
  }
  if (provisioned) return;
  for (const name of names) {
    await vagrant.run(['snapshot', 'save', name, SNAPSHOT], { timeoutMs: COMMAND_LIMIT_MS, onLine });
  }
}

const SNAPSHOT = 'thaw-provisioned';
const CONSOLE_LINES = 12;

/** What a machine said last on its console tells why it did not come up. */
async function withConsoles(error: unknown, state: string, names: readonly HostName[]): Promise<unknown> {
  if (!(error instanceof EnvironmentError)) return error;
  const said: string[] = [];
  for (const name of names) {
    const text = await readFile(join(state, `console-${name}.log`), 'utf8').catch(() => '');
    const lines = text.trim().split('\n').slice(-CONSOLE_LINES);
    if (text.trim() !== '') said.push(`console of ${name}:`, ...lines.map((line) => `  ${line}`));
  }
  const next = error.next ?? 'see docs/vagrant.md';
  return said.length === 0 ? error : new EnvironmentError([messageOf(error), ...said].join('\n  '), next);
}

const OWN_BOX = /^thaw\/debian-(bookworm|trixie)$/;

/** A box of our own is built and added when Vagrant does not have it yet. */
async function ensureBox(vagrant: Vagrant, { box }: VagrantSettings, context: VagrantContext): Promise<void> {
  const suite = OWN_BOX.exec(box)?.[1];
  if (suite === undefined) return;
  const directory = await builtBox(suite, context);
  const marker = join(stateOf(context.cache), `box-${suite}`);
  if ((await readFile(marker, 'utf8').catch(() => '')) === directory) return;
  context.announce(`adding the box ${box} to Vagrant`);
  const file = join(directory, 'thaw.box');
  await vagrant.run(['box', 'add', '--force', '--name', box, file], { timeoutMs: COMMAND_LIMIT_MS });
  await writeFile(marker, directory);
}

const BOX_LIMIT_MS = 15 * 60_000;

async function builtBox(suite: string, { announce, signal, cache }: VagrantContext): Promise<string> {
  announce(
    `building the box thaw/debian-${suite}, if it is not there (about 2 minutes; once, then from ${cache})`,
  );
  const env = {
    HOME: process.env.HOME ?? '/root',
    ...(process.env.XDG_CACHE_HOME && { XDG_CACHE_HOME: process.env.XDG_CACHE_HOME }),
  };
  const said = await mustRun([join(PROJECT, 'vagrant/box/build.sh'), suite], {
    timeoutMs: BOX_LIMIT_MS,
    signal,
    env,
  });
  return said.trim().split('\n').at(-1) ?? '';
}

/** How the machines are reached, as Vagrant tells it; kept, so that the next run need not ask. */
async function describe(testbed: VagrantTestbed, path: readonly HostName[]): Promise<Machines> {
  const { vagrant, state, enter } = testbed;
  const reports = await vagrant.run(['ssh-config'], { timeoutMs: COMMAND_LIMIT_MS });
  const machines = new Map(
    sshConfigs(reports.map(({ type, data }) => (type === 'ssh-config' ? data.join(',') : '')).join('\n')),
  );
  const lost = path.find((name) => !machines.has(name));
  if (lost !== undefined) {
    throw new EnvironmentError(
      `Vagrant does not tell how to reach ${lost}`,
      'vagrant ssh-config shows what it knows',
    );
  }
  const inventory = await inventoryText(machines, testbed);
  await writeFile(inventoryFile(state), inventory, { mode: 0o600 });
  return { inventory: parseInventory(inventory, inventoryFile(state)), enter };
}

function inventoryFile(state: string): string {
  return join(state, 'inventory.yaml');
}

async function inventoryText(
  machines: ReadonlyMap<string, Machine>,
  testbed: VagrantTestbed,
): Promise<string> {
  const hosts: Record<string, Machine> = {};
  for (const [name, machine] of machines) {
    hosts[name] = { ...machine, 'host-key': await hostKeyOf(name, testbed) };
  }
  const { service, share } = testbed.settings;
  // JSON is YAML.
  return `${JSON.stringify({ hosts, service: { address: service }, ...(share && { share }) }, null, 2)}\n`;
}

/** The guest's public host key: baked into our own box; of any other, as it was when it was first met. */
async function hostKeyOf(name: string, { vagrant, settings, state }: VagrantTestbed): Promise<string> {
  const suite = OWN_BOX.exec(settings.box)?.[1];
  if (suite !== undefined) {
    const directory = await readFile(join(state, `box-${suite}`), 'utf8');
    return (await readFile(join(directory, 'host_key.pub'), 'utf8')).trim();
  }
  const pinned = join(state, `host-key-${name}.pub`);
  const known = await readFile(pinned, 'utf8').catch(() => null);
  if (known !== null) return known.trim();
  const key = await vagrant.ssh(name, 'cat /etc/ssh/ssh_host_ed25519_key.pub', {
    timeoutMs: COMMAND_LIMIT_MS,
  });
  await writeFile(pinned, key, { mode: 0o600 });
  return key.trim();
}

/** `vagrant ssh-config` → machines by name. */
export function sshConfigs(text: string): Map<string, Machine> {
  const machines = new Map<string, Machine>();
  for (const block of text.split(/^(?=Host )/m)) {
    const value = (keyword: string): string | undefined =>
      new RegExp(`^\\s*${keyword} "?(.*?)"?$`, 'm').exec(block)?.[1];
    const name = value('Host');
    if (name === undefined) continue;
    machines.set(name, {
      address: value('HostName'),
      port: Number(value('Port') ?? 22),
      user: value('User'),
      key: value('IdentityFile'),
    });
  }
  return machines;
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
  context.status('asking whether the machines run');
  const answers = path.map((name) => answersNow(name, machines));
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

/** Ends the machines: halted, or destroyed with their disks. What is not there is no error. */
export async function vagrantDown(context: VagrantContext, { destroy }: { destroy: boolean }): Promise<void> {
  const testbed = await openVagrant(context);
  const onLine = (line: string): void => context.status(line.slice(0, 100));
  const args = destroy ? ['destroy', '--force'] : ['halt', '--force'];
  await testbed.vagrant.run(args, { timeoutMs: COMMAND_LIMIT_MS, onLine });
  await rm(inventoryFile(testbed.state), { force: true });
  // Machines that are made anew have keys of their own.
  if (destroy) await forgetKeys(testbed.state);
  if (testbed.enter.length === 0) return;
  await run([join(PROJECT, 'vagrant/libvirt/stop.sh'), testbed.state], { timeoutMs: 60_000 });
}

async function forgetKeys(state: string): Promise<void> {
  const pins = (await readdir(state)).filter((name) => /^host-key-.*\.pub$/.test(name));
  await Promise.all(pins.map((name) => rm(join(state, name), { force: true })));
}
