/** What can be done to virtual machines from inside. Machines that are reached over SSH are nobody's to break. */
import type { Host } from '../../host/host.ts';
import type { HostName, TestbedPlan } from '../../model.ts';
import type { Scope } from '../../scope.ts';
import type { Disturb, Disturbed, TestbedHost } from '../testbed.ts';

export function remoteDisturb(
  kind: TestbedPlan['kind'],
  hosts: ReadonlyMap<HostName, Pick<TestbedHost, 'host'>>,
  scope: Scope,
): Disturb {
  return async (what, place) => {
    const host = hosts.get(place)?.host;
    if (host === undefined || what !== 'hang')
      return { unable: 'it can be done only to hosts made of namespaces' };
    if (kind !== 'vagrant') return { unable: 'the network of machines over SSH belongs to somebody' };
    return hung(host, scope);
  };
}

const LIMIT = { timeoutMs: 30_000 };

// Packets to the server of the share are dropped. Put right by the machine itself where nobody does: the longest fault and
// the limit of the way to it.
const RULE = 'OUTPUT -p tcp --dport 2049 -j DROP';
const HANG = `iptables -I ${RULE} || exit 1
setsid sh -c 'sleep 60; iptables -D ${RULE}' >/dev/null 2>&1 </dev/null &
echo $!`;
const GO_ON = `iptables -D ${RULE}; kill -- "-$1" 2>/dev/null; :`;

/** NFS waits as it does for a server that has gone. */
async function hung(host: Host, scope: Scope): Promise<Disturbed | { unable: string }> {
  const share = await host.exec(['stat', '-f', '-c', '%T', '/runc'], { ...LIMIT, allowFailure: true });
  const type = share.stdout.trim();
  if (type !== 'nfs') return { unable: `/runc of ${host.name} is ${type || 'not to be seen'}, and not NFS` };
  let watch: string | null = null;
  const undo = async (): Promise<void> => {
    if (watch === null) return;
    const group = watch;
    watch = null;
    await host.exec(['/bin/sh', '-c', GO_ON, 'sh', group], LIMIT);
  };
  scope.defer(`let the share of ${host.name} go on`, undo);
  return {
    async begin() {
      watch = (await host.exec(['/bin/sh', '-c', HANG], LIMIT)).stdout.trim();
    },
    undo,
  };
}
