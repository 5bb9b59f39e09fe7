/** What a strategy needs of every host beyond stop-and-copy, as `criu check` knows it. */
import type { Host } from '../host/host.ts';
import type { Strategy } from '../model.ts';

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
export async function whyUnable({ kind }: Strategy, hosts: readonly Host[]): Promise<string | null> {
  const needs = NEEDS[kind];
  for (const { feature, what } of needs) {
    const lacking = await hostsWithout(feature, hosts);
    if (lacking.length > 0) {
      return `${kind} needs ${what}, which \`criu check --feature ${feature}\` does not find on ${lacking.join(' and ')}`;
    }
  }
  return needs.includes(LAZY) ? whyNoPipes(kind, hosts) : null;
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
