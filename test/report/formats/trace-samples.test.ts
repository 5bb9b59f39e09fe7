import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../harness/model.ts';
import {
  collectTraced,
  OTHER_HOSTS,
  type TracedSamples,
  type TraceLimits,
} from '../../../harness/report/formats/trace-samples.ts';
import { answered, lost } from '../../analysis/fixture.ts';

const SMALL: TraceLimits = { buckets: 4, hosts: 2, lostOfKind: 3 };

function fold(samples: Iterable<Sample>, limits?: TraceLimits): TracedSamples {
  const traced = collectTraced(limits);
  for (const sample of samples) traced.add(sample);
  return traced.fold();
}

describe('samples of a trace', () => {
  it('are counted by host when the answer was received, and by kind when the request was due', () => {
    const {
      bucketMs,
      answered: answers,
      lost: losses,
    } = fold([
      answered('rhel01', 10, 20),
      answered('rhel01', 90, 100),
      answered('rhel02', 95, 310),
      lost(99, 5_099, { kind: 'timeout' }),
      { n: 1, due: 250, state: 'dropped' },
    ]);
    expect({ bucketMs, answers, losses }).toEqual({
      bucketMs: 100,
      answers: [
        { name: 'rhel01', counts: [1, 1] },
        { name: 'rhel02', counts: [0, 0, 0, 1] },
      ],
      losses: [
        { name: 'timeout', counts: [1] },
        { name: 'dropped', counts: [0, 0, 1] },
      ],
    });
  });

  it('are counted in wider buckets where the run is longer, and none is lost by that', () => {
    const {
      bucketMs,
      answered: answers,
      lost: losses,
    } = fold(
      [...Array.from({ length: 160 }, (_, n) => answered('rhel01', n * 10, n * 10 + 5)), lost(399, 400)],
      SMALL,
    );
    expect({ bucketMs, answers, losses }).toEqual({
      bucketMs: 400,
      answers: [{ name: 'rhel01', counts: [40, 40, 40, 40] }],
      losses: [{ name: 'refused', counts: [1] }],
    });
  });

  it('tell the first hosts apart, and count the others as one', () => {
    const { answered: answers } = fold(
      ['a', 'b', 'c', 'a', 'd'].map((host) => answered(host, 0, 1)),
      SMALL,
    );
    expect(answers).toEqual([
      { name: 'a', counts: [2] },
      { name: 'b', counts: [1] },
      { name: OTHER_HOSTS, counts: [2] },
    ]);
  });

  it('show no more lost requests of a kind than allowed, from all over the run, and tell how many there were', () => {
    const { lostRequests } = fold(
      [
        ...Array.from({ length: 9 }, (_, n) => lost(n, n + 1, { n })),
        { n: 9, due: 9, state: 'dropped' as const },
      ],
      SMALL,
    );
    const [refused, dropped] = lostRequests;
    expect([refused?.kind, refused?.seen, refused?.shown.map(({ n }) => n)]).toEqual([
      'refused',
      9,
      [0, 4, 8],
    ]);
    expect(dropped).toEqual({
      kind: 'dropped',
      seen: 1,
      shown: [{ n: 9, dueMs: 9, sentMs: null, endMs: null, detail: null }],
    });
  });

  it('take no more room in a long run', () => {
    const folded = fold(
      (function* () {
        for (let n = 0; n < 200_000; n++) {
          if (n % 2 === 0) yield lost(n * 100, n * 100 + 1, { n });
          else yield answered(`host ${n}`, n * 100, n * 100 + 1, { n });
        }
      })(),
    );
    expect(folded.bucketMs).toBe(800);
    expect(folded.answered).toHaveLength(21);
    expect(Math.max(...folded.answered.map(({ counts }) => counts.length))).toBeLessThanOrEqual(36_000);
    expect(folded.lostRequests[0]?.seen).toBe(100_000);
    expect(folded.lostRequests[0]?.shown.length).toBeLessThanOrEqual(2_000);
  });
});
