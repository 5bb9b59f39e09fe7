/** How the machines are reached, as `vagrant ssh-config` tells it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { EnvironmentError } from '../../errors.ts';
import type { HostName } from '../../model.ts';
import type { Machine } from '../remote/inventory.ts';
import { type Vagrant, VagrantFailure } from './cli.ts';

const COMMAND_LIMIT_MS = 5 * 60_000;
const PAUSE_MS = 1_000;

/**
 * Asked again where Vagrant says that a machine is not ready, for as long as `limitMs`: of a machine that has just
 * answered it, too, vagrant-libvirt says that if its lease was not found within two seconds (driver.rb:
 * get_ipaddress_from_domain), as on a busy machine. EnvironmentError with each machine's state where that is all it says.
 */
export async function howToReach(
  vagrant: Vagrant,
  names: readonly HostName[],
  { limitMs, status }: { limitMs: number; status(text: string): void },
): Promise<Map<string, Machine>> {
  const end = performance.now() + limitMs;
  for (;;) {
    try {
      return await asked(vagrant, names);
    } catch (error) {
      if (!(error instanceof VagrantFailure && error.kind.endsWith('SSHNotReady'))) throw error;
      if (performance.now() >= end) throw await withStates(error, vagrant, names, limitMs);
      status('Vagrant does not know yet how the machines are reached');
      await sleep(PAUSE_MS);
    }
  }
}

async function asked(vagrant: Vagrant, names: readonly HostName[]): Promise<Map<string, Machine>> {
  const reports = await vagrant.run(['ssh-config', ...names], { timeoutMs: COMMAND_LIMIT_MS });
  return sshConfigs(
    reports.map(({ type, data }) => (type === 'ssh-config' ? data.join(',') : '')).join('\n'),
  );
}

async function withStates(
  failure: VagrantFailure,
  vagrant: Vagrant,
  names: readonly HostName[],
  limitMs: number,
): Promise<EnvironmentError> {
  const told = await vagrant.run(['status', ...names], { timeoutMs: COMMAND_LIMIT_MS });
  const states = told
    .filter(({ type }) => type === 'state')
    .map(({ target, data }) => `${target}: ${data[0]}`);
  return new EnvironmentError(
    `Vagrant did not tell within ${limitMs / 1_000} s how the machines are reached\n  state by vagrant status: ${states.join(', ') || 'none'}`,
    'bring those that do not run up again: thaw testbed up',
    failure,
  );
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
