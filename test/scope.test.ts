import { expect, test } from 'vitest';
import { openScope } from '../harness/scope.ts';

test('undos run last first, each even where another failed', async () => {
  const scope = openScope();
  const done: string[] = [];
  scope.defer('first', () => void done.push('first'));
  scope.defer('second', () => {
    throw new Error('no');
  });
  scope.defer('third', async () => void done.push('third'));
  expect(await scope.close()).toEqual([{ label: 'second', error: 'no' }]);
  expect(done).toEqual(['third', 'first']);
});

test('closing twice undoes once', async () => {
  const scope = openScope();
  let times = 0;
  scope.defer('count', () => void times++);
  await scope.close();
  expect(await scope.close()).toEqual([]);
  expect(times).toBe(1);
});
