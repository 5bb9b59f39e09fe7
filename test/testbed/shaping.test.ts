import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { whyUnable } from '../../harness/migration/ability.ts';
import type { NetworkPlan, Scenario } from '../../harness/model.ts';
import { openScope } from '../../harness/scope.ts';
import { shapedInterfaces, shapeHosts, unshape } from '../../harness/testbed/shaping.ts';
import { type FakeHost, fakeHost, type Stubs } from '../fake-host.ts';

const plan = (given: Partial<NetworkPlan> = {}): NetworkPlan => ({
  rateKbit: null,
  delayMs: 0,
  lossPercent: 0,
  ...given,
});

// tc keeps what it is told in files: of eth0 in one, of the network that is only for trying in none.
const TC = `
case "$1 $2" in
'qdisc show') cat "$FAKE/root" 2>/dev/null || echo 'qdisc noqueue 0: dev eth0 root refcnt 2' ;;
'qdisc del') rm "$FAKE/root" ;;
'-batch -')
  while read -r line; do
    case $line in *' netem '*) [ ! -e "$FAKE/no-netem" ] || { echo 'Error: Specified qdisc kind is unknown.' >&2; exit 2; } ;; esac
    case $line in *' seed '*) [ ! -e "$FAKE/no-seed" ] || { echo 'What is "seed"?' >&2; exit 1; } ;; esac
    case $line in *' dev eth0 root '*) echo "qdisc any 7468: dev eth0 root refcnt 2" >"$FAKE/root" ;; esac
    case $line in *' dev eth0 '*) echo "$line" >>"$FAKE/set" ;; esac
  done ;;
esac`;
const STUBS: Stubs = { tc: TC, unshare: 'shift 2; exec "$@"' };

let hosts: FakeHost[] = [];
beforeEach(() => {
  hosts = ['rhel01', 'rhel02'].map((name) => fakeHost(name, STUBS));
});
afterEach(() => {
  for (const host of hosts) host.remove();
});

const home = async (host: FakeHost): Promise<string> =>
  (await host.exec(['/bin/sh', '-c', 'printf %s "$FAKE"'], { timeoutMs: 5_000 })).stdout;
const mark = async (host: FakeHost, name: string): Promise<void> => {
  await host.exec(['touch', join(await home(host), name)], { timeoutMs: 5_000 });
};
const set = async (host: FakeHost): Promise<string[]> => {
  const file = join(await home(host), 'set');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
};
const senders = () => hosts.map((host) => ({ host, interface: 'eth0' }));

describe('how hosts send', () => {
  it('is limited by tbf, told in the record, and undone', async () => {
    const scope = openScope();
    const told = await shapeHosts(plan({ rateKbit: 100_000 }), senders(), { seed: 1, scope });
    expect(told.map(({ what }) => what)).toEqual(['each host sends at most 100 Mbit/s']);
    for (const host of hosts) {
      expect(await set(host)).toEqual([
        'qdisc add dev eth0 root handle 7468: tbf rate 100000kbit burst 65536b latency 100ms',
      ]);
      expect(await shapedInterfaces(host)).toEqual(['eth0']);
    }
    expect(await scope.close()).toEqual([]);
    for (const host of hosts) expect(await shapedInterfaces(host)).toEqual([]);
  });

  it('is late and lossy by netem, with tbf behind it and a seed for each host', async () => {
    const scope = openScope();
    const wanted = plan({ rateKbit: 1_000_000, delayMs: 2.5, lossPercent: 0.1 });
    const told = await shapeHosts(wanted, senders(), { seed: 7, scope });
    expect(told.map(({ what }) => what)).toEqual([
      'each host sends at most 1000 Mbit/s, 2.5 ms late, without 0.1 % of its packets; losses drawn by seed 7 on rhel01, 8 on rhel02',
    ]);
    expect(await set(hosts[1] as FakeHost)).toEqual([
      'qdisc add dev eth0 root handle 7468: netem limit 20000 delay 2500us loss 0.1% seed 8',
      'qdisc add dev eth0 parent 7468:1 handle 7469: tbf rate 1000000kbit burst 500000b latency 100ms',
    ]);
    await scope.close();
  });

  it('has losses that the kernel draws where it takes no seed, and the record says so', async () => {
    for (const host of hosts) await mark(host, 'no-seed');
    const scope = openScope();
    const told = await shapeHosts(plan({ lossPercent: 1 }), senders(), { seed: 7, scope });
    expect(told.map(({ what }) => what)).toEqual([
      'each host sends without 1 % of its packets; losses drawn by the kernel, for its netem or `tc` takes no seed',
    ]);
    expect(await set(hosts[0] as FakeHost)).toEqual([
      'qdisc add dev eth0 root handle 7468: netem limit 20000 delay 0us loss 1%',
    ]);
    await scope.close();
  });

  it('leaves alone what somebody else has set, and says what it is', async () => {
    const [host] = hosts as [FakeHost];
    const file = join(await home(host), 'root');
    await host.exec(['/bin/sh', '-c', `echo 'qdisc htb 1: dev eth0 root refcnt 2' >'${file}'`], {
      timeoutMs: 5_000,
    });
    const scope = openScope();
    await expect(shapeHosts(plan({ rateKbit: 1_000 }), senders(), { seed: 1, scope })).rejects.toThrow(
      'rhel01 has a queueing discipline of its own on eth0: qdisc htb 1: dev eth0 root refcnt 2',
    );
    await unshape(host, 'eth0');
    expect(readFileSync(file, 'utf8')).toContain('htb');
    expect(await set(host)).toEqual([]);
  });

  it('is a reason to skip the run where the kernel has no netem, found without touching the interface', async () => {
    await mark(hosts[1] as FakeHost, 'no-netem');
    const asked = (network: NetworkPlan | null) => ({
      network,
      runtime: 'runc' as const,
      migration: { strategy: { kind: 'stop-and-copy' }, transfer: 'share' } as Scenario['migration'],
    });
    expect(await whyUnable(asked(plan({ delayMs: 1 })), hosts)).toBe(
      'network.delay and network.loss need netem, which rhel02 does not have: Error: Specified qdisc kind is unknown.',
    );
    expect(await whyUnable(asked(plan({ rateKbit: 1_000 })), hosts)).toBeNull();
    expect(await whyUnable(asked(null), hosts)).toBeNull();
    for (const host of hosts) expect(await set(host)).toEqual([]);
  });
});
