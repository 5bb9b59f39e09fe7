import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UsageError } from '../../../harness/errors.ts';
import { hostAddresses } from '../../../harness/testbed/netns/addresses.ts';

const service = (address: string, prefixLength: number) => ({
  name: 'rhel0x',
  port: 80,
  address,
  prefixLength,
});

test('hosts get the first addresses of the network that are not the service address', () => {
  expect(hostAddresses(service('172.30.77.2', 24), 3)).toEqual(['172.30.77.1', '172.30.77.3', '172.30.77.4']);
});

test("a network without room is the user's mistake", () => {
  expect(() => hostAddresses(service('10.0.0.1', 30), 2)).toThrow(UsageError);
});

test('no address is given twice, and none is the service address', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 254 }), fc.integer({ min: 1, max: 40 }), (last, count) => {
      const given = hostAddresses(service(`10.1.2.${last}`, 24), count);
      expect(new Set([...given, `10.1.2.${last}`]).size).toBe(count + 1);
    }),
  );
});
