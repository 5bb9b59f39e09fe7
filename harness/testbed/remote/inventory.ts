/** The inventory: which machines are the hosts, and how they are reached. One YAML file; see docs/testbeds.md. */
import { isIPv4 } from 'node:net';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import type { HostName } from '../../model.ts';
import { hostName } from '../../scenario/leaves.ts';
import { mistakesOf, nearest, parseYaml } from '../../scenario/parse.ts';
import { readText } from '../../scenario/text.ts';

const text = z
  .string()
  .min(1)
  .regex(/^[^\0\n\r]+$/, 'must be one line of text');
const cidr = z.string().refine(isCidr, 'must be an IPv4 address with its prefix, such as 192.168.7.100/24');

const machine = z.strictObject({
  ssh: text
    .regex(/^[^-]/, 'must not begin with `-`')
    .optional()
    .describe('Name for ssh, as in `~/.ssh/config`; without it, the name of the host.'),
  address: text.optional().describe('Address or name to connect to.'),
  port: z.int().min(1).max(65_535).optional(),
  user: text.optional(),
  key: text.optional().describe('Private key file.'),
  'host-key': text
    .regex(/^(ssh|ecdsa)-\S+ [A-Za-z0-9+/=]+/, 'must be a public key, such as ssh-ed25519 AAAA…')
    .optional()
    .describe("The host's public key; without it, the known_hosts files are asked."),
  jump: text.regex(/^[^-]/).optional().describe('Host to go through, as for `ssh -J`.'),
  sudo: z.boolean().optional().describe('Whether commands need sudo; by default for every user but root.'),
  interface: text.optional().describe('Interface that carries the service address; without it, by route.'),
});

export const inventorySchema = z.strictObject({
  hosts: z.record(hostName, machine).describe('The hosts, by the names that scenarios use.'),
  service: z
    .strictObject({ address: cidr })
    .optional()
    .describe('Service address on the network of these hosts, in place of the one in the scenario.'),
  share: z
    .strictObject({ server: hostName, directory: text.regex(/^\//, 'must be an absolute path') })
    .optional()
    .describe('Host that exports the share, and where it lies there: root file systems are unpacked there.'),
  client: hostName.optional().describe('Host that asks the service; without it, the machine that runs Thaw.'),
});

export interface Inventory {
  /** Path of the file, for errors. */
  file: string;
  hosts: ReadonlyMap<HostName, Machine>;
  service: { address: string; prefixLength: number } | null;
  share: { server: HostName; directory: string } | null;
  /** The host that asks the service; null: this machine. */
  client: HostName | null;
}

export type Machine = z.output<typeof machine>;

/** UsageError with every mistake and its place in the file. */
export async function loadInventory(file: string): Promise<Inventory> {
  return parseInventory(await readText(file, 'inventory'), file);
}

export function parseInventory(content: string, file: string): Inventory {
  const parsed = parseYaml(content, file);
  const checked = inventorySchema.safeParse(parsed.value, { reportInput: true });
  parsed.refuse(checked.success ? [] : mistakesOf(checked.error, namesAt));
  if (!checked.success) throw new Error('an inventory was refused without telling why');
  const { hosts, service, share, client } = checked.data;
  if (share !== undefined && hosts[share.server] === undefined) {
    const known = Object.keys(hosts);
    const message = `\`${share.server}\` is no host of this inventory${nearest(share.server, known)}`;
    parsed.refuse([{ path: ['share', 'server'], message }]);
  }
  if (client !== undefined && hosts[client] === undefined) {
    const message = `\`${client}\` is no host of this inventory${nearest(client, Object.keys(hosts))}`;
    parsed.refuse([{ path: ['client'], message }]);
  }
  const [address = '', prefix] = service?.address.split('/') ?? [];
  const here = (path: string): string => resolve(dirname(file), path);
  const machines = Object.entries(hosts).map(([name, { key, ...rest }]): [string, Machine] => [
    name,
    key === undefined || key.startsWith('~') ? { ...rest, ...(key && { key }) } : { ...rest, key: here(key) },
  ]);
  return {
    file,
    hosts: new Map(machines),
    service: service === undefined ? null : { address, prefixLength: Number(prefix) },
    share: share ?? null,
    client: client ?? null,
  };
}

function namesAt(path: readonly PropertyKey[]): string[] {
  const [first, , third] = path;
  if (first === undefined) return Object.keys(inventorySchema.shape);
  if (first === 'hosts' && path.length === 2 && third === undefined) return Object.keys(machine.shape);
  if (first === 'share') return ['server', 'directory'];
  return first === 'service' ? ['address'] : [];
}

function isCidr(value: string): boolean {
  const [address = '', prefix = ''] = value.split('/');
  return isIPv4(address) && /^\d{1,2}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= 32;
}
