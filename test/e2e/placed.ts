/** A test with a folder of its own, so that it can go on beside others. */
import { test } from 'vitest';
import { scratch } from './thaw.ts';

export const placed = test.extend<{ place: ReturnType<typeof scratch> }>({
  place: async ({ task: _ }, use) => {
    const place = scratch();
    await use(place);
    place.remove();
  },
});
