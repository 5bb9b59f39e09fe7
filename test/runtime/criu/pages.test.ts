import { expect, it } from 'vitest';
import type { DumpStats } from '../../../harness/model.ts';
import { pagesAgree } from '../../../harness/runtime/criu/pages.ts';

const stats = { pages_written: 1_209, shpages_written: 85, pages_lazy: 7 } as DumpStats;

it('agrees when private and shared pages together fill the page images', () => {
  expect(pagesAgree(stats, (1_209 + 85) * 4_096, 4_096)).toBe(true);
  expect(pagesAgree(stats, (1_209 + 85) * 4_096 - 1, 4_096)).toBe(false);
  expect(pagesAgree(stats, (1_209 + 85) * 65_536, 65_536)).toBe(true);
});

it('is unknown, with the reason, where one of both is not there', () => {
  expect(pagesAgree(null, 4_096, 4_096)).toEqual({ unknown: 'CRIU left no stats-dump' });
  expect(pagesAgree(stats, null, 4_096)).toEqual({ unknown: 'the page images were not seen' });
});
