import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { campaign } from './campaign.ts';
import { inventory, settledInventory, whyNotHere } from './machine.ts';
import { scratch } from './thaw.ts';

const why = whyNotHere();
let place: ReturnType<typeof scratch>;
beforeEach(() => {
  place = scratch();
});
afterEach(() => place.remove());

describe.skipIf(why !== null)(`faults at random${why === null ? '' : ` (skipped: ${why})`}`, () => {
  test('20 of them leave one container or a recorded loss, a whole record, and a clean machine', async () => {
    const before = inventory();
    const { seeds, wrong } = await campaign({ first: 1, injected: 20 }, place.path);
    expect(wrong).toEqual([]);
    expect(seeds.filter(({ state }) => state === 'injected')).toHaveLength(20);
    expect(await settledInventory(before)).toEqual(before);
  });
});
