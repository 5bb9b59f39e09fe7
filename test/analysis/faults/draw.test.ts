import { expect, test } from 'vitest';
import { drawFaults } from '../../../harness/analysis/faults/draw.ts';
import type { FaultPlan, Scenario } from '../../../harness/model.ts';

const plan: FaultPlan = {
  kind: 'kill-criu',
  at: 'random',
  place: 'auto',
  afterMs: 10,
  spreadMs: 50,
  forMs: 1_000,
  migrations: null,
  number: null,
};

function drawn(seed: number, number: number, ...faults: FaultPlan[]) {
  const migration = { strategy: { kind: 'stop-and-copy' }, transfer: 'share' } as Scenario['migration'];
  return drawFaults({ seed, faults, migration }, number);
}

test('the same seed draws the same, and another seed or migration draws otherwise', () => {
  expect(drawn(7, 3, plan)).toEqual(drawn(7, 3, plan));
  const many = (seed: number) => Array.from({ length: 20 }, (_, i) => drawn(seed, i + 1, plan));
  expect(many(7)).not.toEqual(many(8));
  expect(new Set(many(7).map((all) => JSON.stringify(all))).size).toBeGreaterThan(10);
});

test('a random phase is one that the strategy has and the fault suits, on the end where it takes place', () => {
  const all = Array.from({ length: 100 }, (_, i) => drawn(1, i + 1, plan)[0]);
  expect(new Set(all.map((one) => `${one?.at} ${one?.place}`))).toEqual(
    new Set(['dump source', 'restore destination']),
  );
  for (const one of all) {
    expect(one?.afterMs).toBeGreaterThanOrEqual(10);
    expect(one?.afterMs).toBeLessThanOrEqual(60);
  }
});

test('a fault more in the scenario changes nothing for the others, and each comes in its migrations only', () => {
  const second: FaultPlan = { ...plan, kind: 'fill-share', migrations: [2] };
  expect(drawn(5, 2, plan, second)[0]).toEqual(drawn(5, 2, plan)[0]);
  expect(drawn(5, 1, plan, second).map(({ kind }) => kind)).toEqual(['kill-criu']);
});
