import { expect, test } from 'vitest';
import { itinerary } from '../../harness/migration/itinerary.ts';
import type { MigrationPlan } from '../../harness/model.ts';

const plan = (path: string[], warmUp: number, count: number): MigrationPlan =>
  ({ path, warmUp, count }) as unknown as MigrationPlan;

function walk(journey: ReturnType<typeof itinerary>, failing: number[] = []): string[] {
  const legs: string[] = [];
  for (let leg = journey.next(); leg !== null; leg = journey.next()) {
    legs.push(`${leg.number}${leg.warmUp ? 'w' : ''} ${leg.source}>${leg.destination}`);
    journey.arrived(failing.includes(leg.number) ? leg.source : leg.destination);
  }
  return legs;
}

test('the path is gone round and round, the warm-up first', () => {
  expect(walk(itinerary(plan(['a', 'b'], 1, 3)))).toEqual(['1w a>b', '2 b>a', '3 a>b', '4 b>a']);
  expect(walk(itinerary(plan(['a', 'b', 'c'], 0, 4)))).toEqual(['1 a>b', '2 b>c', '3 c>a', '4 a>b']);
});

test('after a roll back the next migration leaves from where the container is', () => {
  expect(walk(itinerary(plan(['a', 'b', 'c'], 0, 4)), [2])).toEqual(['1 a>b', '2 b>c', '3 b>c', '4 c>a']);
});

test('a path may visit a host twice', () => {
  expect(walk(itinerary(plan(['a', 'b', 'a', 'c'], 0, 5)))).toEqual([
    '1 a>b',
    '2 b>a',
    '3 a>c',
    '4 c>a',
    '5 a>b',
  ]);
});
