/** The settings of the machines: vagrant/settings.yaml under the environment. vagrant/settings.rb checks the values. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { UsageError } from '../../errors.ts';

/** The folder of the Vagrantfile: that of the package. */
export const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));
const PREFIX = 'THAW_VAGRANT_';

export interface VagrantSettings {
  box: string;
  provider: string;
  /** Address and prefix length of the private network, such as `10.77.0.100/24`. */
  service: string;
  /** Null: no host of ours serves it. */
  share: { server: string; directory: string } | null;
  /** Whether a third machine is the client. */
  client: boolean;
  /** From where Vagrant begins to wait for a machine until it answers. */
  bootLimitMs: number;
}

export function vagrantSettings(env: NodeJS.ProcessEnv, project = PROJECT): VagrantSettings {
  const given = parse(readFileSync(join(project, 'vagrant/settings.yaml'), 'utf8')) as Record<
    string,
    unknown
  >;
  const value = (name: string): string => env[`${PREFIX}${name.toUpperCase()}`] ?? String(given[name] ?? '');
  const server = value('nfs_server');
  return {
    box: value('box'),
    provider: value('provider'),
    service: `${value('service')}/${value('network').split('/')[1]}`,
    client: value('client') !== '',
    bootLimitMs: milliseconds('boot_timeout', value('boot_timeout')),
    share: server === 'rhel01' ? { server, directory: value('nfs_export') } : null,
  };
}

function milliseconds(name: string, value: string): number {
  if (/^[1-9]\d{0,4}$/.test(value)) return Number(value) * 1_000;
  throw new UsageError(
    `${name} of the virtual machines cannot be ${JSON.stringify(value)}`,
    `whole seconds, from 1 to 99999: ${PREFIX}${name.toUpperCase()}, or vagrant/settings.yaml`,
  );
}

/** The user's overrides, which reach the Vagrantfile as they are. */
export function overridesOf(env: NodeJS.ProcessEnv): Record<string, string> {
  const own = Object.entries(env).filter((entry): entry is [string, string] => entry[0].startsWith(PREFIX));
  return Object.fromEntries(own);
}
