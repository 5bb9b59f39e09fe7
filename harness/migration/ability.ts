/** What a strategy needs of every host beyond stop-and-copy, as `criu check` knows it. */
import type { Host } from '../host/host.ts';
import type { Strategy } from '../model.ts';

const NEEDS: Record<Strategy['kind'], { feature: string; what: string } | null> = {
  'stop-and-copy': null,
  'pre-copy': { feature: 'mem_dirty_track', what: 'tracking of changed memory (soft-dirty bits)' },
};

/** Why these hosts cannot do it; null where they can. */
export async function whyUnable({ kind }: Strategy, hosts: readonly Host[]): Promise<string | null> {
  const need = NEEDS[kind];
  if (need === null) return null;
  const { feature, what } = need;
  const argv = ['criu', 'check', '--feature', feature];
  const answers = await Promise.all(
    hosts.map(async (host) => {
      const { status } = await host.exec(argv, { timeoutMs: 30_000, allowFailure: true });
      return status === 0 ? [] : [host.name];
    }),
  );
  const lacking = answers.flat();
  if (lacking.length === 0) return null;
  return `${kind} needs ${what}, which \`criu check --feature ${feature}\` does not find on ${lacking.join(' and ')}`;
}
