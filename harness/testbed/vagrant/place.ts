/** Where Vagrant runs: beside the system's libvirt, or in namespaces of ours with a libvirt of their own. */
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError } from '../../errors.ts';
import { mustRun, run } from '../../host/local.ts';
import type { RootContext } from '../../runtime/toolchain.ts';
import { requireVagrant, type Vagrant, vagrantCli } from './cli.ts';
import { overridesOf, PROJECT, type VagrantSettings, vagrantSettings } from './settings.ts';

export interface VagrantContext extends RootContext {
  status(text: string): void;
}

export interface VagrantTestbed {
  vagrant: Vagrant;
  settings: VagrantSettings;
  /** Words that enter the place; none where it is this machine's own network. */
  enter: readonly string[];
  /** Directory of everything that outlives a run: disks, Vagrant's own state. */
  state: string;
  /** The same Vagrant with more in its environment, such as another box for machines that are made. */
  withEnvironment(more: Record<string, string>): Vagrant;
}

/** Vagrant, with libvirt running where that is the provider. */
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
  const { signal } = context;
  return {
    vagrant: vagrantCli({ enter, environment, signal }),
    settings,
    enter,
    state,
    withEnvironment: (more) => vagrantCli({ enter, environment: { ...environment, ...more }, signal }),
  };
}

/** Ends a libvirt of ours, with whatever machines it still has. */
export async function leavePlace({ enter, state }: VagrantTestbed): Promise<void> {
  if (enter.length > 0) await run([join(PROJECT, 'vagrant/libvirt/stop.sh'), state], { timeoutMs: 60_000 });
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
