/** Addresses by which hosts reach each other, and that do not move with the container. */
import { CommandError } from '../host/host.ts';
import type { Service } from '../model.ts';
import type { TestbedHost } from '../testbed/testbed.ts';

/** The first of the interface that carries the service. CommandError where it has none but the service's. */
export async function addressOf(
  { host, interface: device }: Pick<TestbedHost, 'host' | 'interface'>,
  service: Service,
): Promise<string> {
  const argv = ['ip', '-o', '-4', 'address', 'show', 'dev', device];
  const { stdout } = await host.exec(argv, { timeoutMs: 30_000 });
  const address = addressIn(stdout, service.address);
  if (address !== null) return address;
  const stderr = `${device} has no address but that of the service`;
  throw new CommandError(host.name, argv, { status: 0, stdout, stderr }, 0);
}

/** The first address in the output of `ip -o -4 address show` that is not `service`; null without any. */
export function addressIn(shown: string, service: string): string | null {
  const addresses = [...shown.matchAll(/\binet ([\d.]+)\//g)].map(([, address]) => address as string);
  return addresses.find((address) => address !== service) ?? null;
}
