import { expect, test } from 'vitest';
import { openCollector } from '../../harness/diagnosis/collect.ts';

const collected = (...parts: string[]) => {
  const collector = openCollector(['Error']);
  for (const part of parts) collector.take(Buffer.from(part));
  return collector.errors;
};
const FLOOD = 'Error (criu/a.c:1): again\n'.repeat(10_000);

test('a flood of one message hides neither the first error nor another in its midst', () => {
  const errors = collected(
    `begins\nError (criu/b.c:2): first\n${FLOOD}`,
    `${FLOOD}Error (criu/c.c:3): last\n`,
  );
  expect(errors.map(({ number, text }) => [number, text])).toEqual([
    [2, 'Error (criu/b.c:2): first'],
    ...[3, 4, 5, 6, 7].map((number) => [number, 'Error (criu/a.c:1): again']),
    [20_003, 'Error (criu/c.c:3): last'],
  ]);
  expect(errors.at(-1)?.before).toEqual(Array(3).fill('Error (criu/a.c:1): again'));
});

test('the same line without a place, however often, hides no other and keeps the count of lines', () => {
  const flood = 'Error: again\n'.repeat(10_000);
  const turns = 'Error: this\nError: that\n'.repeat(1_000);
  expect(
    collected(`${flood}Error: else\n${flood}`, `${turns}Error: last\n`).map(({ number, text }) => [
      number,
      text,
    ]),
  ).toEqual([
    ...[1, 2, 3, 4, 5].map((number) => [number, 'Error: again']),
    [10_001, 'Error: else'],
    ...[0, 1, 2, 3, 4].flatMap((i) => [
      [20_002 + 2 * i, 'Error: this'],
      [20_003 + 2 * i, 'Error: that'],
    ]),
    [22_002, 'Error: last'],
  ]);
});

test('what is kept is bounded, whatever the number of places', () => {
  const lines = Array.from({ length: 5_000 }, (_, i) => `Error (criu/a.c:${i}): no\n`);
  expect(collected(lines.join(''), ...lines)).toHaveLength(400);
});

test('lines that name no place are told apart by their words, not by their numbers', () => {
  const lines = Array.from({ length: 50 }, (_, i) => `Error: attempt ${i}\n`);
  expect(collected(...lines, 'Error: gone\n').map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 51]);
});
