import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  chosenCells,
  type Earlier,
  type PlannedCell,
  shardOf,
} from '../../../harness/analysis/suite/plan.ts';
import { suitePlan } from '../../report/suite/fixture.ts';

const all = { only: [], lastFailed: false, shard: null, earlier: [] };
const earlier = (id: string, passed: boolean, ...seconds: number[]): Earlier => ({ id, passed, seconds });
const ids = (cells: readonly PlannedCell[]): string[] => cells.map(({ id }) => id);

describe('which cells are meant', () => {
  test('all of them, in the order of the plan', () => {
    expect(ids(chosenCells(suitePlan(), all))).toEqual(ids(suitePlan().cells));
  });

  test('those with a text in their names', () => {
    const found = chosenCells(suitePlan(), { ...all, only: ['nginx', 'counter[runtime=crun'] });
    expect(ids(found)).toEqual(['counter[runtime=crun]', 'nginx[runtime=runc]', 'nginx[runtime=crun]']);
  });

  test('those that did not pass the last time, and not those that were not in it', () => {
    const known = [earlier('httpd[runtime=runc]', true), earlier('nginx[runtime=crun]', false)];
    const found = chosenCells(suitePlan(), { ...all, lastFailed: true, earlier: known });
    expect(ids(found)).toEqual(['nginx[runtime=crun]']);
  });

  test.each([
    [{ only: ['podman'] }, 'runtimes has none of the cells that have podman in their names'],
    [{ lastFailed: true }, 'nothing is left of runtimes: none of all cells failed'],
  ])('%o leaves none, which is told', (choice, message) => {
    expect(() => chosenCells(suitePlan(), { ...all, ...choice })).toThrow(message);
  });

  test('a cell takes what its earlier runs took, and otherwise what is assumed of its migrations', () => {
    const known = [earlier('httpd[runtime=runc]', true, 9, 30, 10)];
    const [measured, assumed] = chosenCells(suitePlan({ repeat: 2 }), { ...all, earlier: known });
    expect(measured).toMatchObject({ seconds: 20, basis: 'measured' });
    expect(assumed).toMatchObject({ basis: 'assumed' });
  });
});

describe('shards', () => {
  const cells = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 40 }).map((all) =>
    all.map((seconds, i) => ({
      id: `cell ${i}`,
      scenario: 'httpd',
      values: {},
      expect: null,
      wanted: 1,
      seconds,
      basis: 'measured' as const,
    })),
  );

  test('each cell is in exactly one', () => {
    fc.assert(
      fc.property(cells, fc.integer({ min: 1, max: 12 }), (all, of) => {
        const shards = Array.from({ length: of }, (_, i) => shardOf(all, { index: i + 1, of }));
        expect(shards.flatMap(ids).toSorted()).toEqual(ids(all).toSorted());
      }),
    );
  });

  test('none takes longer than the mean and the longest cell together', () => {
    fc.assert(
      fc.property(cells, fc.integer({ min: 1, max: 12 }), (all, of) => {
        const sum = (some: typeof all): number => some.reduce((total, { seconds }) => total + seconds, 0);
        const longest = Math.max(...all.map(({ seconds }) => seconds));
        for (let index = 1; index <= of; index++) {
          expect(sum(shardOf(all, { index, of }) as typeof all)).toBeLessThanOrEqual(sum(all) / of + longest);
        }
      }),
    );
  });
});
