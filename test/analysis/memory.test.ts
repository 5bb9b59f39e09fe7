import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryHistory } from '../../harness/analysis/memory.ts';
import type { MemoryHistory } from '../../harness/model.ts';
import { answered } from './fixture.ts';

interface Told {
  sent: number;
  end: number;
  count: number;
  since?: string;
}

const MIGRATION = { number: 1, begunMs: 100, destination: 'rhel02', completed: true };

function told(answers: Told[], migrations = [MIGRATION]): MemoryHistory | null {
  const history = memoryHistory();
  for (const { sent, end, count, since = 'a' } of answers) {
    history.add(answered('rhel01', sent, end, { counted: { count, since } }));
  }
  return history.told(migrations);
}

/** One request after the other: each is sent 1 ms after the answer before. */
function inTurn(counts: number[], startMs = 0): Told[] {
  return counts.map((count, i) => ({ sent: startMs + 10 * i, end: startMs + 10 * i + 9, count }));
}

describe("a counter's memory", () => {
  it('is not known where no answer tells a count', () => {
    expect(told([])).toBeNull();
  });

  it('is whole where counts go up, with gaps where a counted request got no answer', () => {
    expect(told(inTurn([1, 2, 5, 6]))).toEqual({
      answers: 4,
      lost: 0,
      lostCounts: [],
      since: [{ since: 'a', migration: null }],
    });
  });

  it('has lost exactly the answered requests that the count went back over, and tells in which migration', () => {
    const after = inTurn([3, 4, 5], 110);
    expect(told([...inTurn([1, 2, 3, 4, 6]), ...after])).toMatchObject({
      lost: 3,
      lostCounts: [
        { from: 3, to: 4, migration: 1 },
        { from: 6, to: 6, migration: 1 },
      ],
    });
  });

  it('counts one of two requests as lost that overlap and got the same count', () => {
    const overlapping = [
      { sent: 0, end: 9, count: 7 },
      { sent: 1, end: 8, count: 7 },
    ];
    expect(told(overlapping)).toMatchObject({ lost: 1, lostCounts: [{ from: 7, to: 7, migration: null }] });
  });

  it('tells each start time with the migration in which it was first told', () => {
    const anew = inTurn([1, 2], 110).map((answer) => ({ ...answer, since: 'b' }));
    expect(told([...anew, ...inTurn([1])])?.since).toEqual([
      { since: 'a', migration: null },
      { since: 'b', migration: 1 },
    ]);
  });

  it('loses nothing however requests overlap, as long as each is counted between its sending and its answer', () => {
    const request = fc.record({
      sent: fc.integer({ min: 0, max: 1_000 }),
      before: fc.nat(50),
      after: fc.nat(50),
    });
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 60 }), (requests) => {
        const byCount = [...requests].sort((a, b) => a.sent + a.before - (b.sent + b.before));
        const answers = byCount.map(({ sent, before, after }, i) => ({
          sent,
          end: sent + before + after,
          count: i + 1,
        }));
        expect(told(answers)?.lost).toBe(0);
      }),
    );
  });

  it('finds what a slow look at every pair finds', () => {
    const answer = fc
      .record({ sent: fc.nat(200), length: fc.nat(30), count: fc.integer({ min: 1, max: 40 }) })
      .map(({ sent, length, count }) => ({ sent, end: sent + length, count }));
    fc.assert(
      fc.property(fc.array(answer, { minLength: 1, maxLength: 40 }), (answers) => {
        const missed = answers.filter(({ end, count }) =>
          answers.some((later) => later.sent > end && later.count <= count),
        );
        const counts = new Set(missed);
        const rest = answers.filter((one) => !counts.has(one)).map(({ count }) => count);
        const twice = rest.length - new Set(rest).size;
        expect(told(answers)?.lost).toBe(missed.length + twice);
      }),
    );
  });
});
