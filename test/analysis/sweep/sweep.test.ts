import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineOf, numbersOf } from '../../../harness/analysis/sweep/fit.ts';
import { orderOf } from '../../../harness/analysis/sweep/order.ts';
import { sweepResult } from '../../../harness/analysis/sweep/result.ts';
import type { RunTail } from '../../../harness/model.ts';
import { notPassedOf } from '../../../harness/report/sweep/cells.ts';
import { failingRecord } from '../../report/fixture.ts';
import { plan, recordWith, sweepOf } from '../../report/sweep/fixture.ts';

describe('the order of a sweep', () => {
  it('runs each cell once a round, and is the same for the same seed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 5 }),
        fc.nat(),
        (cells, rounds, seed) => {
          const order = orderOf(cells, rounds, seed);
          expect(orderOf(cells, rounds, seed)).toEqual(order);
          for (let round = 1; round <= rounds; round++) {
            const turn = order.slice((round - 1) * cells, round * cells);
            expect(new Set(turn.map(({ cell }) => cell)).size).toBe(cells);
            expect(turn.every((one) => one.round === round)).toBe(true);
          }
        },
      ),
    );
  });

  it('differs from round to round', () => {
    const order = orderOf(8, 2, 1).map(({ cell }) => cell);
    expect(order.slice(0, 8)).not.toEqual(order.slice(8));
  });
});

describe('a line through the cells', () => {
  it('finds a fixed part and a cost, and its intervals hold them', () => {
    const noise = [-3, -1, 0, 1, 3];
    const points = [16, 64, 256].map((x) => ({ x, values: noise.map((n) => 100 + 2 * x + n) }));
    const line = lineOf(points, 1);
    expect(line).toMatchObject({ values: 15, fixed: { value: 100 }, slope: { value: 2 } });
    const [low, high] = line?.slope.ci95 ?? [];
    expect(low).toBeLessThan(2);
    expect(high).toBeGreaterThan(2);
    expect(lineOf(points, 1)).toEqual(line);
  });

  it('is not drawn through two cells, nor through one value each', () => {
    const points = [1, 2, 3].map((x) => ({ x, values: [x, x] }));
    expect([lineOf(points, 1) === null, lineOf(points.slice(1), 1)]).toEqual([false, null]);
    expect(lineOf([...points.slice(1), { x: 1, values: [1] }], 1)).toBeNull();
  });

  it.each([
    [['16MiB', '1GiB'], { unit: 'MiB', numbers: [16, 1_024] }],
    [['500ms', '2s', '1m'], { unit: 'ms', numbers: [500, 2_000, 60_000] }],
    [['100/s', '1000/s'], { unit: '/s', numbers: [100, 1_000] }],
    [['100Mbit/s', '1Gbit/s', '800kbit/s'], { unit: 'ms/MB', numbers: [80, 8, 10_000] }],
    [['0%', '0.5%'], { unit: '%', numbers: [0, 0.5] }],
    [['unlimited', '1Gbit/s'], null],
    [['1', '2.5'], { unit: '', numbers: [1, 2.5] }],
    [['1', '2ms'], null],
    [['{kept: 10}', '{kept: 1000}'], { unit: '', numbers: [10, 1_000] }],
    [['{below: 1MiB}', '{below: 1GiB}'], { unit: 'MiB', numbers: [1, 1_024] }],
    [['kept', '{kept: 1000}'], null],
    [['{kept: 10}', '{other: 1000}'], null],
    [['stop-and-copy', 'post-copy'], null],
    [['true', 'false'], null],
  ])('has numbers of one unit: %j', (values, expected) => {
    expect(numbersOf(values)).toEqual(expected);
  });
});

describe('the result of a sweep', () => {
  it('puts all runs of a cell together, and tells what memory costs for each handover', () => {
    const { cells, costs, verdict, planned, done } = sweepOf();
    expect({ verdict, planned, done }).toEqual({ verdict: 'pass', planned: 12, done: 12 });
    expect(
      cells.map(({ migrations, figures }) => [migrations, figures[0]?.median, figures[1]?.median]),
    ).toEqual([
      [4, 132, 135],
      [4, 132, 185],
      [4, 228, 231],
      [4, 228, 281],
      [4, 612, 615],
      [4, 612, 665],
    ]);
    expect(
      costs.map(({ axis, unit, measurement, where, line }) => [
        axis,
        unit,
        measurement,
        where['handover.address'],
        line.fixed.value,
        line.slope.value,
      ]),
    ).toEqual([
      ['bundle.counter.memory', 'MiB', 'frozen-window', 'before-restore', 100, 2],
      ['bundle.counter.memory', 'MiB', 'downtime', 'before-restore', 103, 2],
      ['bundle.counter.memory', 'MiB', 'frozen-window', 'after-restore', 100, 2],
      ['bundle.counter.memory', 'MiB', 'downtime', 'after-restore', 153, 2],
    ]);
  });

  it('tells each reason for a failed migration once, by its diagnosis where there is one', () => {
    const failed = failingRecord().migrations.filter(({ outcome }) => outcome.state === 'failed');
    const { cells } = sweepOf((index) => (index === 2 ? { migrations: [...failed, ...failed] } : {}));
    expect(cells.map(({ causes }) => causes.length)).toEqual([0, 0, new Set(cells[2]?.causes).size, 0, 0, 0]);
    expect(cells[2]?.causes).toMatchInlineSnapshot(`
      [
        "restore failed on rhel02: The address that a socket was bound to is not on this host: it has not moved yet.",
      ]
    `);
  });

  it('tells why a run of a cell was not ended', () => {
    const { cells } = sweepOf((cell) =>
      cell === 2
        ? { outcome: 'interrupted', verdict: 'unknown', tail: { reason: 'interrupted by SIGINT' } as RunTail }
        : {},
    );
    expect(cells.map(({ notPassed }) => notPassed)).toEqual([[], [], ['interrupted by SIGINT'], [], [], []]);
  });

  it('tells of a cell that could not begin why, and cannot pass with it', () => {
    const runs = plan.cells.flatMap((_, cell) => [{ cell, record: recordWith([1, 2], [3, 4]) }]);
    const once = { ...plan, rounds: 1 };
    const { verdict, done, cells } = sweepResult(once, runs.slice(0, -1), [{ cell: 5, error: 'no room' }]);
    expect([verdict, done]).toEqual(['unknown', 5]);
    expect(cells.map((cell) => [cell.verdict, cell.runs])).toEqual([
      ...Array(5).fill(['pass', 1]),
      ['unknown', 0],
    ]);
    expect(cells.map(notPassedOf).at(-1)).toEqual(['could not begin: no room']);
    const again = sweepResult(plan, runs, [{ cell: 5, error: 'no room' }]);
    expect([again.cells[5]?.verdict, again.cells[5]?.runs]).toEqual(['unknown', 1]);
  });

  it('fails where a cell fails, and cannot pass where one was skipped or not run', () => {
    const verdictWith = (cell: number, changes: Parameters<typeof recordWith>[2]) =>
      sweepOf((index) => (index === cell ? (changes ?? {}) : {})).verdict;
    const all = plan.cells.map((_, cell) => ({ cell, record: recordWith([1, 2], [3, 4]) }));
    expect([
      verdictWith(2, { verdict: 'fail' }),
      verdictWith(2, { verdict: 'unknown', outcome: 'skipped' }),
      verdictWith(2, { outcome: 'interrupted' }),
      sweepResult(plan, all).verdict,
      sweepResult({ ...plan, rounds: 1 }, all).verdict,
    ]).toEqual(['fail', 'unknown', 'unknown', 'unknown', 'pass']);
  });
});
