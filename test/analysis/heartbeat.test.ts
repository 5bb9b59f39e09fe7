import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heartbeatOf } from '../../harness/analysis/heartbeat.ts';
import type { FrozenWindow, Interval, RunTail } from '../../harness/model.ts';
import { at, observation } from './fixture.ts';

function tailOf(pauses: Interval[]): RunTail {
  return {
    state: 'completed',
    reason: null,
    endedMs: 9_000,
    probe: null,
    heartbeat: { periodMs: 1, pauses },
  };
}

function windowOf(atLeastMs: number, atMostMs: number): FrozenWindow {
  const nothing = { ms: 0, atLeastMs: 0, atMostMs: 0 };
  return {
    window: { ms: (atLeastMs + atMostMs) / 2, atLeastMs, atMostMs },
    stopped: at(0),
    running: at(0),
    criuDumpMs: 0,
    criuRestoreMs: 0,
    runtimeMs: 0,
    transferMs: 0,
    gap: nothing,
  };
}

describe('heartbeatOf', () => {
  it('is unknown where the hosts have clocks of their own: its pause would be of two', () => {
    const clocks = [{ host: 'rhel01', askedMs: 0, answeredMs: 1, hostNs: '1', wallOffsetMs: 5 }];
    const paused = tailOf([{ earliest: 1_030, latest: 1_250 }]);
    expect(heartbeatOf(observation({ clocks }), paused, windowOf(210, 230))).toEqual({
      unknown: 'the heartbeat notes the wall clock, and the hosts have one each',
    });
    expect(heartbeatOf(observation(), paused, windowOf(210, 230))).toMatchObject({ inside: true });
  });

  it('takes the longest pause that overlaps the migration', () => {
    const tail = tailOf([at(100, 900), at(1_050, 1_270), at(1_290, 1_300), at(2_000, 2_900)]);
    expect(heartbeatOf(observation(), tail, windowOf(218, 222))).toEqual({
      pauseMs: 220,
      resolutionMs: 1,
      inside: true,
    });
  });

  it('agrees exactly if the freeze may lie in the window: between the pause less a period and the pause', () => {
    fc.assert(
      fc.property(fc.integer({ min: 150, max: 300 }), fc.integer({ min: 0, max: 20 }), (atLeastMs, width) => {
        const told = heartbeatOf(
          observation(),
          tailOf([at(1_050, 1_270)]),
          windowOf(atLeastMs, atLeastMs + width),
        );
        const meets = [219, 219.5, 220].some((freeze) => freeze >= atLeastMs && freeze <= atLeastMs + width);
        expect(told).toMatchObject({ inside: meets });
      }),
    );
  });

  it('is unknown, and says why, where it cannot be compared', () => {
    expect([
      heartbeatOf(observation(), null, windowOf(1, 2)),
      heartbeatOf(observation(), { ...tailOf([]), heartbeat: null }, windowOf(1, 2)),
      heartbeatOf(observation(), tailOf([at(100, 900)]), windowOf(1, 2)),
      heartbeatOf(observation(), tailOf([at(1_050, 1_270)]), { unknown: 'a log of CRIU is missing' }),
    ]).toEqual([
      { unknown: 'the heartbeat is read when the run ends' },
      { unknown: 'the bundle carries no heartbeat' },
      { unknown: 'the heartbeat noted no pause' },
      { unknown: 'a log of CRIU is missing' },
    ]);
  });
});
