import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ClientView,
  downtimeOf,
  longestLatency,
  lostIn,
  noLosses,
} from '../../harness/analysis/downtime.ts';
import { isUnknown } from '../../harness/analysis/intervals.ts';
import type { Sample } from '../../harness/model.ts';
import { answered, FAILED_DUMP, lost, observation } from './fixture.ts';

const NO_WINDOW = { unknown: 'no log' };
const PLAN = { ratePerSecond: 100, mode: 'continuous' } as const;

function view(before: Sample[], own: Sample[]): ClientView {
  return { before, own };
}

describe('downtimeOf', () => {
  it('goes from the last answer of the source to the first of the destination, as they were received', () => {
    const seen = view(
      [answered('rhel01', 990, 991)],
      [
        answered('rhel01', 1_010, 1_012, { sent: 1_010.5 }),
        lost(1_020, 1_021),
        answered('rhel02', 1_250, 1_260),
      ],
    );
    expect(downtimeOf(observation(), seen, PLAN, NO_WINDOW)).toEqual({
      ms: 248,
      lastAnswerMs: 1_012,
      firstAnswerMs: 1_260,
      bracketMs: 249.5,
      resolutionMs: 10,
    });
  });

  it('takes a request that was in flight in the freeze for the first answer of the destination, by whatever name', () => {
    const frozen = {
      stopped: { earliest: 1_015, latest: 1_016 },
      running: { earliest: 1_240, latest: 1_250 },
    };
    const carried = answered('rhel01', 1_012, 1_245, { sent: 1_012.5 });
    const own = [
      answered('rhel01', 1_000, 1_002, { sent: 1_000.5 }),
      carried,
      answered('rhel02', 1_250, 1_260),
    ];
    const told = { ms: 243, lastAnswerMs: 1_002, firstAnswerMs: 1_245, bracketMs: 244.5 };
    expect(downtimeOf(observation(), view([], own), PLAN, frozen)).toMatchObject(told);
    // Sent when the tasks were stopped already, the source can only have answered it if it was left to run.
    const twice = answered('rhel01', 1_017, 1_245, { sent: 1_017.5 });
    expect(
      downtimeOf(observation(), view([], [twice, answered('rhel02', 1_250, 1_260)]), PLAN, frozen),
    ).toMatchObject({
      lastAnswerMs: 1_245,
      firstAnswerMs: 1_260,
    });
  });

  it('finds the last answer of the source before the migration began', () => {
    const seen = view([answered('rhel01', 700, 701)], [answered('rhel02', 1_400, 1_401)]);
    expect(downtimeOf(observation(), seen, PLAN, NO_WINDOW)).toMatchObject({ ms: 700, lastAnswerMs: 701 });
  });

  it('takes what the client received, not the order in which requests were due', () => {
    const seen = view(
      [],
      [answered('rhel01', 1_010, 1_011), answered('rhel02', 1_020, 1_500), answered('rhel02', 1_300, 1_301)],
    );
    expect(downtimeOf(observation(), seen, PLAN, NO_WINDOW)).toMatchObject({ ms: 290, firstAnswerMs: 1_301 });
  });

  it('does not take an answer that the destination gave when it was the source of an earlier migration', () => {
    const seen = view(
      [answered('rhel02', 500, 501), answered('rhel01', 900, 901)],
      [answered('rhel02', 1_300, 1_301)],
    );
    expect(downtimeOf(observation(), seen, PLAN, NO_WINDOW)).toMatchObject({ firstAnswerMs: 1_301 });
  });

  it('where no client was there meanwhile, has the time between the two requests as its resolution', () => {
    const seen = view([answered('rhel01', 900, 901)], [answered('rhel02', 1_400, 1_402)]);
    expect(downtimeOf(observation(), seen, { ...PLAN, mode: 'between' }, NO_WINDOW)).toEqual({
      ms: 501,
      lastAnswerMs: 901,
      firstAnswerMs: 1_402,
      bracketMs: 502,
      resolutionMs: 500,
    });
  });

  it('is unknown, and says why, where one side was not heard or the migration failed', () => {
    expect([
      downtimeOf(observation(), view([], []), PLAN, NO_WINDOW),
      downtimeOf(observation(), view([], [answered('rhel02', 1_300, 1_301)]), PLAN, NO_WINDOW),
      downtimeOf(observation(FAILED_DUMP), view([], [answered('rhel01', 1_300, 1_301)]), PLAN, NO_WINDOW),
    ]).toEqual([
      { unknown: 'no answer of rhel02 was received' },
      { unknown: 'no answer of rhel01 was received before it' },
      { unknown: 'the migration failed at dump' },
    ]);
  });

  it('has a bracket that holds the time without service, which is within the resolution of it', () => {
    const range = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    fc.assert(
      fc.property(
        range(1_000, 1_100),
        range(1, 400),
        range(1, 20),
        range(0, 5),
        (stop, outage, interval, latency) => {
          const start = stop + outage;
          const samples: Sample[] = [];
          for (let due = 900; due < start + 100; due += interval) {
            const arrives = due + latency / 2;
            if (arrives <= stop) samples.push(answered('rhel01', due, due + latency));
            else if (arrives < start) samples.push(lost(due, due + latency));
            else samples.push(answered('rhel02', due, due + latency));
          }
          const plan = { ...PLAN, ratePerSecond: 1_000 / interval };
          const told = downtimeOf(observation(), view([], samples), plan, NO_WINDOW);
          if (isUnknown(told)) throw new Error(told.unknown);
          expect(told.bracketMs + 0.01).toBeGreaterThanOrEqual(outage);
          expect(told.ms - told.resolutionMs * 2).toBeLessThanOrEqual(outage + 0.01);
          expect(told.bracketMs + 0.002).toBeGreaterThanOrEqual(told.ms);
        },
      ),
    );
  });
});

describe('lostIn', () => {
  it('counts requests without an answer by kind, those that were not sent too', () => {
    const own = [
      lost(1_001, 1_002),
      lost(1_002, 1_003, { kind: 'timeout' }),
      lost(1_003, 1_004),
      { n: 4, due: 1_004, state: 'dropped' } as const,
    ];
    expect(lostIn(view([lost(990, 991)], own))).toEqual({
      ...noLosses(),
      refused: 2,
      timeout: 1,
      dropped: 1,
    });
  });
});

describe('longestLatency', () => {
  it('counts from when a request was due, however late it was sent', () => {
    expect(longestLatency(view([], [answered('rhel02', 1_000, 1_300, { sent: 1_290 })]))).toBe(300);
  });

  it('is unknown without an answer', () => {
    expect(longestLatency(view([], [lost(1_000, 2_000)]))).toEqual({ unknown: 'no answer was received' });
  });
});
