/** IPv4 addresses of the hosts and the client, in the network of the service address. */
import { UsageError } from '../../errors.ts';
import type { Service } from '../../model.ts';

/** `count` addresses beside the service address, in order; a UsageError where the network is too small. */
export function hostAddresses(service: Service, count: number): string[] {
  const mask = service.prefixLength === 0 ? 0 : (~0 << (32 - service.prefixLength)) >>> 0;
  const taken = toNumber(service.address);
  const network = (taken & mask) >>> 0;
  const broadcast = (network | ~mask) >>> 0;
  const found: string[] = [];
  for (let candidate = network + 1; candidate < broadcast && found.length < count; candidate++) {
    if (candidate !== taken) found.push(toText(candidate));
  }
  if (found.length < count) {
    throw new UsageError(
      `the network of ${service.address}/${service.prefixLength} has no room for ${count} hosts beside the service address`,
      'give the service address a shorter prefix, such as /24',
    );
  }
  return found;
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function toText(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
}
