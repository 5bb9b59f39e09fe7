import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { campaign } from './campaign.ts';
import { alone, inventory, settledInventory, whyNoLoopDevice, whyNotHere } from './machine.ts';
import { recordOf, scratch, thaw } from './thaw.ts';

const why = whyNotHere();
const whyNoDisk = whyNoLoopDevice();
let place: ReturnType<typeof scratch>;
beforeEach(() => {
  place = scratch();
});
afterEach(() => place.remove());

describe.skipIf(why !== null)(`faults at random${why === null ? '' : ` (skipped: ${why})`}`, () => {
  test('20 of them leave one container or a recorded loss, a whole record, and a clean machine', async () => {
    const before = inventory();
    const { seeds, wrong } = await alone(() => campaign({ first: 1, injected: 20 }, place.path));
    expect(wrong).toEqual([]);
    expect(seeds.filter(({ state }) => state === 'injected')).toHaveLength(20);
    expect(await settledInventory(before)).toEqual(before);
  });

  test.skipIf(whyNoDisk !== null)(
    'a share that hangs for longer than a restore may take costs no container',
    async () => {
      const before = inventory();
      const ended = await thaw('run', 'scenarios/faults/hang-share.yaml', '--reports', place.path, '--json');
      const { migrations, verdict } = recordOf(ended);
      const [short, , long] = migrations.map(({ outcome, faults, diagnosis }) => ({
        outcome,
        fault: faults[0]?.state,
        failure: diagnosis?.failure ?? null,
      }));
      expect(short).toEqual({ outcome: { state: 'completed' }, fault: 'injected', failure: null });
      expect(long).toMatchObject({
        outcome: { state: 'failed', phase: 'restore' },
        fault: 'injected',
        failure: 'no-end',
      });
      expect({ status: ended.status, verdict }).toEqual({ status: 0, verdict: 'pass' });
      expect(await settledInventory(before)).toEqual(before);
    },
  );
});
