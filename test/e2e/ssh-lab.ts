/** Three hosts made of namespaces, each with a real sshd: machines to a Thaw that runs in the client's place. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startClock } from '../../harness/clock.ts';
import type { Host } from '../../harness/host/host.ts';
import type { Transcript } from '../../harness/host/transcript.ts';
import type { ToolchainFacts } from '../../harness/model.ts';
import { openScope } from '../../harness/scope.ts';
import { netnsUp } from '../../harness/testbed/netns/up.ts';
import { hostOf } from '../../harness/testbed/testbed.ts';
import { ASAN_OPTIONS } from './sanitized-criu.ts';
import { type Ended, MAIN, ROOT, type scratch } from './thaw.ts';

const LIMIT = { timeoutMs: 10_000 };
const silent: Transcript = { record: () => {}, close: async () => {} };
const facts: ToolchainFacts = {
  name: 'host',
  runtime: { name: 'runc', version: '' },
  criu: '',
  digest: null,
  because: '',
};
const NAMES = ['rhel01', 'rhel02', 'rhel03'] as const;

export interface SshLab {
  /** The inventory's file. */
  inventory: string;
  /** Another one beside it, with what is changed. */
  inventoryWith(name: string, change: (inventory: LabInventory) => object): string;
  /** On a host, past SSH. */
  said(name: (typeof NAMES)[number], ...argv: string[]): Promise<string>;
  thaw(...args: string[]): Promise<Ended>;
  close(): Promise<void>;
}

export interface LabInventory {
  hosts: Record<string, { address: string; user: string; key: string; 'host-key': string }>;
  service: { address: string };
}

export async function sshLab(folder: ReturnType<typeof scratch>): Promise<SshLab> {
  const scope = openScope();
  const service = { name: 'rhel0x', address: '172.30.77.10', prefixLength: 24, port: 80 };
  const testbed = await netnsUp(
    {
      plan: { kind: 'netns', cgroup: 'machine', shareMiB: 1_024 },
      shareOn: 'memory',
      service,
      hosts: NAMES.map((name) => ({ name, toolchain: facts, root: '/' })),
      shared: [],
      settings: [],
      clock: startClock(),
      transcript: silent,
    },
    scope,
  );
  const key = (name: string): string => {
    const path = join(folder.path, name);
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', path]);
    return path;
  };
  const [user, own] = [key('user'), key('host')];
  const hosts: LabInventory['hosts'] = {};
  for (const name of NAMES) {
    const { host } = hostOf(testbed, name);
    const { stdout } = await host.exec(['ip', '-4', '-o', 'address', 'show', 'eth0'], LIMIT);
    const address = /inet ([\d.]+)/.exec(stdout)?.[1] ?? '';
    await serve(host, { address, user, own });
    hosts[name] = { address, user: 'root', key: user, 'host-key': readFileSync(`${own}.pub`, 'utf8').trim() };
  }
  const lab = { hosts, service: { address: `${service.address}/${service.prefixLength}` } };
  return {
    inventory: folder.write('lab.yaml', JSON.stringify(lab)),
    inventoryWith: (name, change) =>
      folder.write(`${name}.yaml`, JSON.stringify(change(structuredClone(lab)))),
    said: async (name, ...argv) =>
      (await hostOf(testbed, name).host.exec(argv, { ...LIMIT, allowFailure: true })).stdout.trim(),
    async thaw(...args) {
      const argv = ['env', `ASAN_OPTIONS=${ASAN_OPTIONS}`, process.execPath, MAIN, ...args];
      const ended = await testbed.client.exec(argv, { timeoutMs: 240_000, allowFailure: true, cwd: ROOT });
      return { ...ended, signal: null };
    },
    close: async () => {
      await scope.close();
    },
  };
}

async function serve(
  host: Host,
  { address, user, own }: { address: string; user: string; own: string },
): Promise<void> {
  await host.exec(['mkdir', '-p', '-m', '0755', '/run/sshd', '/run/lab'], LIMIT);
  // What this machine's root has its shells do is no part of the test, and may take seconds.
  await host.exec(['mount', '-t', 'tmpfs', '-o', 'mode=700', 'home', '/root'], LIMIT);
  await host.put('/run/lab/host', readFileSync(own, 'utf8'), 0o600);
  await host.put('/run/lab/authorized', readFileSync(`${user}.pub`, 'utf8'), 0o600);
  const settings = [
    `ListenAddress ${address}:22`,
    'HostKey /run/lab/host',
    'AuthorizedKeysFile /run/lab/authorized',
    'UsePAM no',
    'PermitRootLogin yes',
  ];
  await host.put('/run/lab/config', `${settings.join('\n')}\n`, 0o600);
  const server = host.spawn(['/usr/sbin/sshd', '-D', '-e', '-f', '/run/lab/config'], {});
  let said = '';
  server.stderr.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  server.stdout.resume();
  for (let i = 0; i < 100 && !said.includes('Server listening'); i++) await sleep(50);
  if (!said.includes('Server listening')) throw new Error(`sshd did not come up on ${host.name}: ${said}`);
}
