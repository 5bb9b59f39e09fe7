import { expect, test } from 'vitest';
import { originOf, uncertaintyOf } from '../../../harness/testbed/remote/client.ts';

const reading = (askedMs: number, answeredMs: number, hostNs: bigint) => ({
  host: 'rhel03',
  askedMs,
  answeredMs,
  hostNs: String(hostNs),
  wallOffsetMs: null,
});

test('the origin is where the clock of the client was at instant 0, also before it was started', () => {
  expect(originOf(reading(1_000, 1_002, 5_001_000_000n))).toBe(4_000_000_000n);
  expect(originOf(reading(9_000, 9_002, 1_000_000n))).toBe(-9_000_000_000n);
});

test('what is not known of it is half of each round trip, and the drift between the readings', () => {
  const first = reading(1_000, 1_002, 5_001_000_000n);
  expect(uncertaintyOf(first, reading(2_000, 2_004, 6_002_000_000n))).toBe(3);
  expect(uncertaintyOf(first, reading(2_000, 2_004, 6_002_500_000n))).toBe(3.5);
  expect(uncertaintyOf(first, reading(2_000, 2_004, 6_001_500_000n))).toBe(3.5);
});
