import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { historyBetween } from '../../../harness/runtime/sources/history.ts';
import { repository } from './repository.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'thaw-history-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const context = () => ({ cache: folder, announce: () => {}, signal: new AbortController().signal });

test('a line of commits, oldest first, whichever end is the good one', async () => {
  const made = repository(join(folder, 'r'));
  const [a, b, c] = ['1', '2', '3'].map((text) => made.commit({ file: text })) as [string, string, string];
  const forth = await historyBetween(made.path, { good: a, bad: 'HEAD' }, context());
  expect(forth.goodFirst).toBe(true);
  expect(forth.commits.map(({ commit }) => commit)).toEqual([a, b, c]);
  expect(forth.commits[1]).toEqual({ commit: b, subject: 'x', merge: false });
  const back = await historyBetween(made.path, { good: c, bad: a }, context());
  expect([back.goodFirst, back.commits]).toEqual([false, forth.commits]);
});

test('a merge is one step, and says so', async () => {
  const made = repository(join(folder, 'r'));
  const first = made.commit({ file: '1' });
  made.git('checkout', '--quiet', '-b', 'side');
  made.commit({ side: '1' });
  made.commit({ side: '2' });
  made.git('checkout', '--quiet', '-');
  const other = made.commit({ file: '2' });
  made.git('merge', '--quiet', '--no-ff', '--message', 'take the side', 'side');
  const { commits } = await historyBetween(made.path, { good: first, bad: 'HEAD' }, context());
  expect(commits.map(({ commit, subject, merge }) => (merge ? subject : commit))).toEqual([
    first,
    other,
    'take the side',
  ]);
});

test('what does not lead to the other, is the same or is not there is refused', async () => {
  const made = repository(join(folder, 'r'));
  const base = made.commit({ file: '1' });
  made.git('checkout', '--quiet', '-b', 'side');
  const side = made.commit({ side: '1' });
  made.git('checkout', '--quiet', '-');
  const main = made.commit({ file: '2' });
  const between = (good: string, bad: string) => historyBetween(made.path, { good, bad }, context());
  await expect(between(side, main)).rejects.toMatchObject({
    message: expect.stringContaining('leads to the other'),
    next: expect.stringContaining(base.slice(0, 12)),
  });
  await expect(between(main, 'HEAD')).rejects.toThrow('same commit');
  await expect(between('nothing', main)).rejects.toThrow('nothing');
});
