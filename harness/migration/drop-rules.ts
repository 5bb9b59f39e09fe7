/**
 * CRIU locks a dumped connection by rules that drop its packets (mark 0xc114). A restore on the same host takes
 * them away; after a migration they stay on the source. They are found, counted and removed.
 */
import type { Host } from '../host/host.ts';
import type { TestbedHost } from '../testbed/testbed.ts';

const LIMIT = { timeoutMs: 30_000, allowFailure: true };

export async function clearDropRules(
  hosts: readonly TestbedHost[],
): Promise<{ found: number; removed: number }> {
  const counts = await Promise.all(
    hosts.map(({ host }) => clearOn(host).catch(() => ({ found: 0, removed: 0 }))),
  );
  return counts.reduce((sum, one) => ({ found: sum.found + one.found, removed: sum.removed + one.removed }));
}

async function clearOn(host: Host): Promise<{ found: number; removed: number }> {
  const commands = [...(await iptablesCommands(host)), ...(await nftCommands(host))];
  let removed = 0;
  for (const argv of commands) {
    if ((await host.exec(argv, LIMIT)).status === 0) removed++;
  }
  return { found: commands.length, removed };
}

async function iptablesCommands(host: Host): Promise<string[][]> {
  const { stdout } = await host.exec(['iptables-save', '-t', 'filter'], LIMIT);
  return iptablesRemovals(stdout);
}

/** Commands that undo CRIU's rules, from the text of iptables-save. Rules of others are not touched. */
export function iptablesRemovals(saved: string): string[][] {
  return saved
    .split('\n')
    .filter((line) => line.startsWith('-A ') && /--mark 0xc114\b/i.test(line) && line.endsWith('-j DROP'))
    .map((line) => ['iptables', '-D', ...line.split(' ').slice(1)]);
}

async function nftCommands(host: Host): Promise<string[][]> {
  const { stdout } = await host.exec(['nft', 'list', 'tables'], LIMIT);
  return nftRemovals(stdout);
}

/** CRIU's nftables lock is a table of its own: `inet CRIU-PID`, of newer ones `inet CRIU-` and the begin of a UUID. */
export function nftRemovals(tables: string): string[][] {
  return tables
    .split('\n')
    .map((line) => /^table (\w+) (CRIU-[0-9a-f-]+)$/.exec(line.trim()))
    .filter((match) => match !== null)
    .map((match) => ['nft', 'delete', 'table', String(match[1]), String(match[2])]);
}
