import { expect, test } from 'vitest';
import { turnsOf } from '../harness/against.ts';

test('each side is run once a round, and in the next the other comes first', () => {
  const letters = turnsOf(5).map((side) => (side === 'base' ? 'A' : 'B'));
  expect(letters.join('')).toBe('ABBAABBAAB');
});
