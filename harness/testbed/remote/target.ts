/**
 * How a host of the inventory is reached. What the inventory leaves open is asked of OpenSSH's own client, which
 * knows `~/.ssh/config` and the known_hosts files better than any copy of its rules.
 */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { EnvironmentError, messageOf } from '../../errors.ts';
import { COMMAND_ENV, run } from '../../host/local.ts';
import type { SshTarget } from '../../host/ssh-connection.ts';
import type { HostName } from '../../model.ts';
import type { Machine } from './inventory.ts';

const LIMIT = { timeoutMs: 10_000 };

/** `enter`: words before the command that opens a stream to the host, where it is not on this machine's network. */
export async function targetOf(
  name: HostName,
  machine: Machine,
  enter: readonly string[] = [],
): Promise<SshTarget> {
  const config = await sshConfig(machine.ssh ?? name);
  const address = machine.address ?? config.get('hostname')?.[0] ?? name;
  const port = machine.port ?? Number(config.get('port')?.[0] ?? 22);
  const user = machine.user ?? config.get('user')?.[0] ?? userInfo().username;
  const jump = machine.jump ?? named(config.get('proxyjump')?.[0]);
  const agent = process.env.SSH_AUTH_SOCK ?? null;
  const { hostKeys, from } = await hostKeysOf(name, machine, { config, address, port });
  return {
    name,
    address,
    port,
    user,
    privateKey: await privateKeyOf(name, machine, config, agent),
    agent,
    hostKeys,
    hostKeysFrom: from,
    sudo: machine.sudo ?? user !== 'root',
    openStream: streamTo(address, port, jump, enter),
  };
}

/** OpenSSH's own client for a person: the same address, key and host keys. `keep` writes known_hosts lines to a file. */
export async function shellArgv(
  name: HostName,
  machine: Machine,
  enter: readonly string[],
  keep: (lines: string) => Promise<string>,
): Promise<string[]> {
  const { address, port, user, hostKeys, sudo } = await targetOf(name, machine, enter);
  const known = await keep(hostKeys.map((key) => `${name} ${key}\n`).join(''));
  const options = ['StrictHostKeyChecking=yes', `UserKnownHostsFile=${known}`, `HostKeyAlias=${name}`];
  const jump = machine.jump === undefined ? [] : ['-J', machine.jump];
  const identity = machine.key === undefined ? [] : ['-i', atHome(machine.key), '-o', 'IdentitiesOnly=yes'];
  const flags = [...options.flatMap((option) => ['-o', option]), ...jump, ...identity];
  const command = sudo ? ['sudo', '-i'] : [];
  return [...enter, 'ssh', '-t', ...flags, '-p', String(port), '-l', user, '--', address, ...command];
}

type Config = ReadonlyMap<string, string[]>;

/** What `ssh -G` says of a name, by keyword; empty where there is no OpenSSH client. */
async function sshConfig(name: string): Promise<Config> {
  const env = { HOME: homedir(), ...COMMAND_ENV };
  const asked = await run(['ssh', '-G', '--', name], { ...LIMIT, env }).catch(() => null);
  const config = new Map<string, string[]>();
  for (const line of asked?.stdout.split('\n') ?? []) {
    const [keyword = '', ...value] = line.split(' ');
    config.set(keyword, [...(config.get(keyword) ?? []), value.join(' ')]);
  }
  return config;
}

function named(value: string | undefined): string | null {
  return value === undefined || value === 'none' ? null : value;
}

async function privateKeyOf(
  name: HostName,
  machine: Machine,
  config: Config,
  agent: string | null,
): Promise<string | null> {
  if (machine.key !== undefined) {
    return readFile(atHome(machine.key), 'utf8').catch((error) => {
      throw new EnvironmentError(
        `the key of ${name} cannot be read: ${messageOf(error)}`,
        'see `key` in the inventory',
      );
    });
  }
  for (const path of config.get('identityfile') ?? []) {
    const key = await readFile(atHome(path), 'utf8').catch(() => null);
    if (key !== null) return key;
  }
  if (agent !== null) return null;
  throw new EnvironmentError(
    `there is no private key for ${name}`,
    'name one with `key` in the inventory, or start an ssh-agent',
  );
}

async function hostKeysOf(
  name: HostName,
  machine: Machine,
  { config, address, port }: { config: Config; address: string; port: number },
): Promise<{ hostKeys: string[]; from: string }> {
  const own = machine['host-key'];
  if (own !== undefined)
    return { hostKeys: [own.split(' ').slice(0, 2).join(' ')], from: '`host-key` of the inventory' };
  const files = ['userknownhostsfile', 'globalknownhostsfile']
    .flatMap((keyword) => config.get(keyword) ?? ['~/.ssh/known_hosts'])
    .flatMap((list) => list.split(' '))
    .map(atHome);
  const wanted = port === 22 ? address : `[${address}]:${port}`;
  let told = '';
  for (const file of new Set(files)) {
    const { stdout } = await run(['ssh-keygen', '-F', wanted, '-f', file], LIMIT).catch(() => ({
      stdout: '',
    }));
    told += `${stdout}\n`;
  }
  const found = keysIn(told);
  if (found.length > 0) return { hostKeys: found, from: [...new Set(files)].join(', ') };
  throw new EnvironmentError(
    `the host key of ${name} (${wanted}) is not known${/^@revoked /m.test(told) ? ', or was revoked' : ''}`,
    `connect once with ssh and compare its fingerprint, or put its public key as \`host-key\` into the inventory`,
  );
}

/**
 * The keys in what `ssh-keygen -F` says of known_hosts files. One that a line `@revoked` names is none, whatever file that
 * stands in, as for ssh itself; what is signed by a `@cert-authority` is not taken.
 */
export function keysIn(told: string): string[] {
  const lines = told.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const keys = (marked: boolean): string[] =>
    lines
      .filter((line) => (marked ? line.startsWith('@revoked ') : !line.startsWith('@')))
      .map((line) =>
        line
          .split(/[ \t]+/)
          .slice(marked ? 2 : 1, marked ? 4 : 3)
          .join(' '),
      );
  const revoked = new Set(keys(true));
  return [...new Set(keys(false))].filter((key) => !revoked.has(key));
}

function atHome(path: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : path;
}

// Standard input and output become the connection.
const RELAY = `const s = require('net').connect(+process.argv[2], process.argv[1]);
s.setNoDelay(true); s.on('error', (e) => { console.error(e.message); process.exit(1) });
s.on('close', () => process.exit(0)); process.stdin.pipe(s).pipe(process.stdout);`;

function streamTo(
  address: string,
  port: number,
  jump: string | null,
  enter: readonly string[],
): SshTarget['openStream'] {
  if (jump === null && enter.length === 0) return null;
  const through =
    jump === null
      ? [process.execPath, '-e', RELAY, address, String(port)]
      : ['ssh', '-o', 'BatchMode=yes', '-W', `${address}:${port}`, '--', jump];
  const [file, ...args] = [...enter, ...through];
  return () => {
    const env = { HOME: homedir(), ...COMMAND_ENV };
    // In a session of its own: Ctrl-C in a terminal is for Thaw, which still needs its connections to end in order.
    const child = spawn(file as string, args, { stdio: ['pipe', 'pipe', 'ignore'], env, detached: true });
    const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
    child.on('error', (error) => stream.destroy(error));
    stream.on('close', () => child.kill('SIGKILL'));
    stream.on('error', () => {});
    return stream;
  };
}
