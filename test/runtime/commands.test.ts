import { expect, test } from 'vitest';
import { atLeast } from '../../harness/runtime/commands.ts';

test.each([
  ['1.3.6+ds1', true],
  ['1.3.0-rc.1', true],
  ['1.2.9', false],
  ['2.0.0', true],
  ['1.0.0~rc93', false],
  ['unknown', false],
])('%s is at least 1.3: %s', (version, expected) => {
  expect(atLeast(version, [1, 3])).toBe(expected);
});
