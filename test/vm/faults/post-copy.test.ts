import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { scratch } from '../../e2e/thaw.ts';
import { whyNoMachines } from '../machines.ts';
import { movedOnce } from '../once.ts';

const why = whyNoMachines();
let place: ReturnType<typeof scratch>;
beforeEach(() => {
  place = scratch();
});
afterEach(() => place.remove());

// Not among the tests of each commit yet: one of three runs failed a check, for a reason that is not known.
describe.skipIf(why !== null)(`post-copy${why === null ? '' : ` (skipped: ${why})`}`, () => {
  test('post-copy resumes the container before its memory has come, and all of it comes', async () => {
    const { spans, lazyPages } = await movedOnce('post-copy', place.path);
    if (lazyPages === null || 'unknown' in lazyPages) throw new Error(JSON.stringify(lazyPages));
    expect(lazyPages.transferred).toBe(lazyPages.total);
    expect(lazyPages.total).toBeGreaterThan(10);
    const end = (name: string) => spans.find((span) => span.name === name)?.end.earliest ?? Number.NaN;
    expect(end('lazy-pages')).toBeGreaterThan(end('restore'));
  });
});
