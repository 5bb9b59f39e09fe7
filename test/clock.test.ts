import { expect, test } from 'vitest';
import { wallMinusMonotonicMs } from '../harness/clock.ts';

test('a wall clock that was set during the run shows in the offset', () => {
  const before = wallMinusMonotonicMs();
  const after = wallMinusMonotonicMs(() => Date.now() + 180_000);
  expect(Math.round((after - before) / 1_000)).toBe(180);
});

test('the offset maps a monotonic reading to the wall clock', () => {
  const monotonicMs = Number(process.hrtime.bigint()) / 1e6;
  expect(Math.abs(monotonicMs + wallMinusMonotonicMs() - Date.now())).toBeLessThan(1_000);
});
