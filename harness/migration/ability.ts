/** What a strategy needs of every host beyond stop-and-copy, as `criu check` knows it. */
import type { Host } from '../host/host.ts';
import type { Scenario, Strategy, Transfer } from '../model.ts';
import { whyUnshaped } from '../testbed/shaping.ts';

interface Need {
  feature: string;
  what: string;
}

const LAZY: Need = { feature: 'uffd-noncoop', what: 'userfaultfd for memory of other processes' };
const TRACKING: Need = { feature: 'mem_dirty_track', what: 'tracking of changed memory (soft-dirty bits)' };
const NEEDS: Record<Strategy['kind'], readonly Need[]> = {
  'stop-and-copy': [],
  'pre-copy': [TRACKING],
  'post-copy': [LAZY],
  hybrid: [TRACKING, LAZY],
};

/** Why these hosts cannot do it; null where they can. */
export async function whyUnable(
  scenario: Pick<Scenario, 'migration' | 'runtime' | 'network'>,
  hosts: readonly Host[],
): Promise<string | null> {
  return (await whyNotBy(scenario, hosts)) ?? (await whyNetwork(scenario, hosts));
}

async function whyNetwork({ network }: Pick<Scenario, 'network'>, hosts: readonly Host[]) {
  if (network === null) return null;
  const reasons = await Promise.all(hosts.map((host) => whyUnshaped(network, host)));
  return reasons.find((reason) => reason !== null) ?? null;
}

async function whyNotBy(
  { migration, runtime }: Pick<Scenario, 'migration' | 'runtime'>,
  hosts: readonly Host[],
): Promise<string | null> {
  const { kind } = migration.strategy;
  const needs = NEEDS[kind];
  const dedup = 'autoDedup' in migration.strategy && migration.strategy.autoDedup;
  const lacks = runtime === 'crun' ? await whyNotWithCrun(needs, kind, dedup, hosts) : null;
  if (lacks !== null) return lacks;
  for (const need of needs) {
    const lacking = await hostsWithout(need.feature, hosts);
    if (lacking.length > 0) return whyWithout(kind, need, lacking);
  }
  const { transfer } = migration;
  if (transfer === 'page-server' && runtime === 'crun')
    return 'transfer: page-server needs a checkpoint that sends pages to a page server, which crun does not have';
  if (transfer === 'copy' || transfer === 'page-server') return whyNoTransfer(transfer, hosts);
  return needs.includes(LAZY) ? whyNoPipes(kind, hosts) : null;
}

async function whyNoTransfer(transfer: Transfer, hosts: readonly Host[]): Promise<string | null> {
  for (const host of hosts) {
    const argv = ['/bin/sh', '-c', 'perl -MSocket -e 1 && tar --version'];
    const { status } = await host.exec(argv, { timeoutMs: 30_000, allowFailure: true });
    if (status !== 0) return `transfer: ${transfer} needs Perl and tar, which ${host.name} does not have`;
  }
  return null;
}

/** crun knows neither lazy pages nor a page server, and pre-dumps only where it was built with a CRIU that has them. */
async function whyNotWithCrun(
  needs: readonly Need[],
  kind: Strategy['kind'],
  dedup: boolean,
  hosts: readonly Host[],
): Promise<string | null> {
  if (needs.includes(LAZY)) return `${kind} needs lazy pages, which crun does not have`;
  if (dedup) return 'auto-dedup is an option that crun does not have';
  if (needs.length === 0) return null;
  for (const host of hosts) {
    const { stdout } = await host.exec(['crun', 'checkpoint', '--help'], {
      timeoutMs: 30_000,
      allowFailure: true,
    });
    if (!stdout.includes('--pre-dump'))
      return `${kind} needs pre-dumps, which crun on ${host.name} does not have`;
  }
  return null;
}

function whyWithout(kind: Strategy['kind'], { feature, what }: Need, lacking: readonly string[]): string {
  return `${kind} needs ${what}, which \`criu check --feature ${feature}\` does not find on ${lacking.join(' and ')}`;
}

/** Names of the hosts on which `criu check` does not find it. */
async function hostsWithout(feature: string, hosts: readonly Host[]): Promise<string[]> {
  const argv = ['criu', 'check', '--feature', feature];
  const answers = await Promise.all(
    hosts.map(async (host) => {
      const { status } = await host.exec(argv, { timeoutMs: 30_000, allowFailure: true });
      return status === 0 ? [] : [host.name];
    }),
  );
  return answers.flat();
}

const PIPES = [
  'caps=$(sed -n "s/^CapEff:[^0-9a-f]*//p" /proc/self/status)',
  // Bit 24: CAP_SYS_RESOURCE, with which the limit does not hold.
  '[ $((0x$caps >> 24 & 1)) = 1 ] || [ "$(cat /proc/sys/fs/pipe-user-pages-soft)" = 0 ]',
].join('; ');

/** The page server holds the memory of all tasks in pipes, more than a user without the capability may have. */
async function whyNoPipes(kind: Strategy['kind'], hosts: readonly Host[]): Promise<string | null> {
  for (const host of hosts) {
    const argv = ['/bin/sh', '-c', PIPES];
    const { status } = await host.exec(argv, { timeoutMs: 30_000, allowFailure: true });
    if (status === 0) continue;
    return `${kind} needs large pipes, which ${host.name} without CAP_SYS_RESOURCE has only with fs.pipe-user-pages-soft = 0, a setting of the whole machine`;
  }
  return null;
}
