/**
 * Keeps a host from resetting connections that it is about to get. From the claim of the address until CRIU has put
 * the sockets back, a client's retransmission finds no socket there, and the kernel would answer with a reset. That
 * reset carries no ACK; the refusal of a new connection (RST with ACK) still goes out, so nobody waits for a second.
 */
import type { Host } from '../host/host.ts';
import type { Service } from '../model.ts';

const LIMIT = { timeoutMs: 30_000, allowFailure: true };

export async function guardResets(host: Host, service: Service): Promise<void> {
  await host.exec(ruleArgv('-I', service), LIMIT);
}

export async function unguardResets(host: Host, service: Service): Promise<void> {
  await host.exec(ruleArgv('-D', service), LIMIT);
}

export function ruleArgv(action: '-I' | '-D', { address, port }: Service): string[] {
  const from = ['OUTPUT', '-s', address, '-p', 'tcp', '--sport', String(port)];
  return ['iptables', action, ...from, '--tcp-flags', 'RST,ACK', 'RST', '-j', 'DROP'];
}
