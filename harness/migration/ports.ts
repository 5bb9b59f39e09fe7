/** Ports of a host that must be nobody else's while a container is migrated to it and from it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { EnvironmentError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import type { Scenario } from '../model.ts';
import { IMAGES_PORT, PAGES_PORT } from '../runtime/commands.ts';
import { isLazy } from '../strategy.ts';

export interface WantedPort {
  port: number;
  /** Who listens there. */
  by: string;
  next: string;
}

const OF_OURS = 'end what listens there, or choose another `migration.strategy` or `migration.transfer`';

export function portsOf({ service, migration }: Pick<Scenario, 'service' | 'migration'>): WantedPort[] {
  const { strategy, transfer } = migration;
  const pages = isLazy(strategy) || transfer === 'page-server';
  return [
    servicePort(service),
    ...(pages ? [{ port: PAGES_PORT, by: "CRIU's page server", next: OF_OURS }] : []),
    ...(transfer === 'share' ? [] : [{ port: IMAGES_PORT, by: 'who takes the images', next: OF_OURS }]),
  ];
}

export function servicePort({ port }: Scenario['service']): WantedPort {
  return {
    port,
    by: 'the service',
    next: "end what listens there, or give the service another port (`service.port`, and in the server's own settings)",
  };
}

/** Those that somebody listens on, whatever the address. */
export async function portsInUse(host: Host, ports: readonly WantedPort[]): Promise<WantedPort[]> {
  const { stdout } = await host.exec(['cat', '/proc/net/tcp', '/proc/net/tcp6'], LIMIT);
  return ports.filter(({ port }) => {
    const hex = port.toString(16).toUpperCase().padStart(4, '0');
    // State 0A is LISTEN.
    return new RegExp(`^ *\\d+: [0-9A-F]+:${hex} [0-9A-F]+:0000 0A `, 'm').test(stdout);
  });
}

/** Returns when somebody listens, when `limitMs` is over, or when it is aborted. */
export async function untilListening(
  host: Host,
  port: WantedPort,
  { limitMs, signal }: { limitMs: number; signal: AbortSignal },
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!signal.aborted && performance.now() < end) {
    if ((await portsInUse(host, [port])).length > 0) return;
    await sleep(PAUSE_MS);
  }
}

const PAUSE_MS = 20;
const LIMIT = { timeoutMs: 30_000, allowFailure: true };

/** EnvironmentError with the first that is in use. The container shares the host's network. */
export async function requireFreePorts(host: Host, ports: readonly WantedPort[]): Promise<void> {
  const [used] = await portsInUse(host, ports);
  if (used === undefined) return;
  throw new EnvironmentError(
    `port ${used.port} is in use on ${host.name}, where ${used.by} must listen`,
    used.next,
  );
}
