import { describe, expect, it } from 'vitest';
import { recoveryOf } from '../../harness/analysis/recovery.ts';
import type { Sample } from '../../harness/model.ts';
import { answered, lost } from './fixture.ts';

/** Requests each 10 ms from `from`, with these latencies; null: lost. */
function stream(from: number, latencies: (number | null)[]): Sample[] {
  return latencies.map((latency, i) => {
    const due = from + i * 10;
    return latency === null ? lost(due, due + 1) : answered('rhel02', due, due + latency);
  });
}

const BEFORE = stream(0, new Array(100).fill(1));

describe('recoveryOf', () => {
  it('ends with the first of ten requests in a row that were answered as fast as before', () => {
    const own = stream(1_000, [...new Array(15).fill(30), ...new Array(20).fill(1)]);
    // From the tenth request on six of ten are fast, and so is their median.
    expect(recoveryOf({ before: BEFORE, own }, 1_000)).toBe(110);
  });

  it('does not end before an error that comes among the ten', () => {
    const own = stream(1_000, [1, 1, 1, null, ...new Array(20).fill(1)]);
    expect(recoveryOf({ before: BEFORE, own }, 1_000)).toBe(40);
  });

  it('is zero where all was well at once', () => {
    expect(recoveryOf({ before: BEFORE, own: stream(1_000, new Array(20).fill(1)) }, 1_000)).toBe(0);
  });

  it('compares with undisturbed service only, not with what the migration before left', () => {
    const before = [...stream(0, new Array(30).fill(500)), ...stream(500, new Array(30).fill(1))];
    const own = stream(1_000, [...new Array(15).fill(30), ...new Array(20).fill(1)]);
    expect(recoveryOf({ before, own }, 1_000)).toBe(0);
    expect(recoveryOf({ before, own, settledMs: 500 }, 1_000)).toBe(110);
  });

  it('is unknown without a level to compare with, and where the level was not reached', () => {
    const own = stream(1_000, new Array(30).fill(30));
    expect([
      recoveryOf({ before: BEFORE.slice(0, 19), own }, 1_000),
      recoveryOf({ before: BEFORE, own, settledMs: 900 }, 1_000),
      recoveryOf({ before: BEFORE, own }, 1_000),
    ]).toEqual([
      { unknown: 'fewer than 20 answers in undisturbed service before the migration' },
      { unknown: 'fewer than 20 answers in undisturbed service before the migration' },
      { unknown: 'it was not back at its level before the next migration, or the end of the run' },
    ]);
  });
});
