/**
 * Rules of a packet filter that hold on the destination while the container is on its way: from before the freeze until
 * the migration is over.
 */
import { CommandError, type Host } from '../host/host.ts';
import type { ConnectionPolicy, Scenario, Service } from '../model.ts';

const LIMIT = { timeoutMs: 30_000, allowFailure: true };

/** What an iptables rule matches, and what becomes of it. */
export type Rule = readonly string[];

/** Those that a migration wants. */
export function guardsOf({ handover, service }: Scenario, { policy }: { policy: ConnectionPolicy }): Rule[] {
  return [
    ...(policy === 'established' ? [resets(service)] : []),
    ...(handover.unserved === 'drop' ? [newConnections(service)] : []),
  ];
}

/** All that any migration may have left. */
export function allGuards(service: Service): Rule[] {
  return [resets(service), newConnections(service)];
}

/**
 * From the claim of the address until CRIU has put the sockets back, a client's retransmission finds no socket there,
 * and the kernel would answer with a reset. That reset carries no ACK; the refusal of a new connection (RST with ACK)
 * still goes out, so nobody waits for a second.
 */
function resets({ address, port }: Service): Rule {
  const from = ['OUTPUT', '-s', address, '-p', 'tcp', '--sport', String(port)];
  return [...from, '--tcp-flags', 'RST,ACK', 'RST', '-j', 'DROP'];
}

/** Who connects while nobody serves hears nothing, and tries again after a second. */
export function newConnections({ address, port }: Service): Rule {
  return ['INPUT', '-d', address, '-p', 'tcp', '--dport', String(port), '--syn', '-j', 'DROP'];
}

export async function guard(host: Host, rules: readonly Rule[]): Promise<void> {
  for (const rule of rules) await host.exec(guardArgv('-I', rule), LIMIT);
}

/** A rule that is not there is no error; nor is a host that does not answer. */
export async function unguard(host: Host, rules: readonly Rule[]): Promise<void> {
  try {
    for (const rule of rules) await host.exec(guardArgv('-D', rule), LIMIT);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
  }
}

export function guardArgv(action: '-I' | '-D', rule: Rule): string[] {
  return ['iptables', action, ...rule];
}
