import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClientView } from '../../harness/analysis/downtime.ts';
import { BEFORE_MS, dealOut } from '../../harness/analysis/windows.ts';
import type { Sample } from '../../harness/model.ts';
import { answered } from './fixture.ts';

function deal(
  begins: number[],
  samples: Iterable<Sample>,
  lateMs = 1_000,
): { views: ClientView[]; all: number } {
  const views: ClientView[] = [];
  let all = 0;
  const each = (): void => {
    all++;
  };
  dealOut({ begins, lateMs }, samples, each, (index, view) => {
    expect(index).toBe(views.length);
    views.push(view);
  });
  return { views, all };
}

const dues = (samples: readonly Sample[]): number[] => samples.map(({ due }) => due);

describe('dealOut', () => {
  it('gives each migration the samples due from its begin on, and those of the two seconds before', () => {
    const samples = [0, 2_999, 3_000, 4_999, 5_000, 5_500, 6_000, 9_000].map((due) =>
      answered('a', due, due + 1),
    );
    expect(deal([5_000, 6_000], samples).views.map(({ before, own }) => [dues(before), dues(own)])).toEqual([
      [
        [3_000, 4_999],
        [5_000, 5_500],
      ],
      [
        [4_999, 5_000, 5_500],
        [6_000, 9_000],
      ],
    ]);
  });

  it('loses no sample and gives none twice, in whatever order they were written within their lateness', () => {
    const lateMs = 3_000;
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 60_000 }), { minLength: 1, maxLength: 12 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 70_000 }), fc.integer({ min: 0, max: lateMs })), {
          maxLength: 200,
        }),
        (starts, made) => {
          const begins = starts.sort((a, b) => a - b);
          const samples = made.map(([due, took]) => answered('a', due, due + took));
          const written = [...samples].sort(
            (a, b) => (a as { end: number }).end - (b as { end: number }).end,
          );
          const { views, all } = deal(begins, written, lateMs);
          expect(all).toBe(samples.length);
          expect(views.length).toBe(begins.length);
          begins.forEach((begin, i) => {
            const until = begins[i + 1] ?? Number.POSITIVE_INFINITY;
            expect(dues(views[i]?.own ?? [])).toEqual(
              dues(written.filter(({ due }) => due >= begin && due < until)),
            );
            expect(dues(views[i]?.before ?? [])).toEqual(
              dues(written.filter(({ due }) => due >= begin - BEFORE_MS && due < begin)),
            );
          });
        },
      ),
    );
  });

  it('holds the samples of a few migrations only, however long the run is', () => {
    const begins = Array.from({ length: 100 }, (_, i) => i * 1_000);
    let read = 0;
    let heldMost = 0;
    let released = 0;
    function* stream(): Generator<Sample> {
      for (let due = 0; due < 100_000; due += 10) {
        read++;
        yield answered('a', due, due + 1);
      }
    }
    dealOut(
      { begins, lateMs: 500 },
      stream(),
      () => {},
      (_, { own }) => {
        released += own.length;
        heldMost = Math.max(heldMost, read - released);
      },
    );
    expect([released, heldMost < 600]).toEqual([10_000, true]);
  });
});
