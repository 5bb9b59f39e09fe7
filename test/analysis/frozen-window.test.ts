import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frozenWindow } from '../../harness/analysis/frozen-window.ts';
import { isUnknown } from '../../harness/analysis/intervals.ts';
import type { FrozenWindow, LogLine } from '../../harness/model.ts';
import { at, command, FAILED_DUMP, log, observation } from './fixture.ts';

// As CRIU 4.2.1 writes them on a machine with cgroup v1.
const DUMP = log(
  [0, 'Version: 4.2.1'],
  [5, 'freezing cgroup /sys/fs/cgroup/freezer/web: 100 x 100ms attempts, timeout: 10s'],
  [5.1, 'freezer.state=THAWED'],
  [5.2, 'freezer.state=FREEZING'],
  [15, 'freezer.state=FROZEN'],
  [15.1, 'freezing processes: 1 attempts done'],
  [70, 'Dumping finished successfully'],
);
const RESTORE = log(
  [0, 'Version: 4.2.1'],
  [100, '96 was stopped'],
  [101, 'Running pre-resume scripts'],
  [101.5, 'Restore finished successfully. Tasks resumed.'],
  [101.6, 'Writing stats'],
);

/** The logs were opened at 1020 (known to 0.3 ms) and 1150 (known to 0.7 ms). */
const OBSERVED = observation({
  dumpLog: [
    { beforeMs: 1_034.9, afterMs: 1_035, bytes: 160 },
    { beforeMs: 1_090, afterMs: 1_090.1, bytes: 280 },
  ],
  restoreLog: [
    { beforeMs: 1_251, afterMs: 1_251.1, bytes: 80 },
    { beforeMs: 1_251.6, afterMs: 1_251.7, bytes: 160 },
  ],
});

function known(value: ReturnType<typeof frozenWindow>): FrozenWindow {
  if (isUnknown(value)) throw new Error(value.unknown);
  return value;
}

describe('frozenWindow', () => {
  it('goes from the freeze to the tasks let go, on the common clock, and splits what lies between', () => {
    const told = known(frozenWindow(OBSERVED, { dumpLog: DUMP, restoreLog: RESTORE }));
    const near = (value: number) => expect.closeTo(value, 0);
    expect(told).toEqual({
      // The log alone allows 5 ms to 15 ms after its zero: nobody saw the freezer.
      stopped: { earliest: near(1_024.8), latest: near(1_035.1) },
      // Not before CRIU's line before, and not after runc's end.
      running: { earliest: near(1_250.5), latest: 1_301 },
      window: {
        ms: near(1_251.1 - 1_030),
        atLeastMs: near(1_250.5 - 1_035.1),
        atMostMs: near(1_301 - 1_024.8),
      },
      criuDumpMs: near(1_090 - 1_030),
      criuRestoreMs: near(1_251.1 - 1_149.8),
      runtimeMs: near(1_251.1 - 1_030 - 60 - 101.3 - 4),
      gap: { ms: 4, atLeastMs: 3, atMostMs: 5 },
      transferMs: 0,
    });
  });

  it('has the way of copied images as a part of its own, out of the gap', () => {
    const at = (ms: number) => ({ earliest: ms, latest: ms });
    const { checkpoint, restore } = OBSERVED.steps;
    if (checkpoint === undefined || restore === undefined) throw new Error('the fixture has both');
    const exec = at(checkpoint.exit.latest + 1);
    const exit = at(restore.exec.earliest - 1);
    const transfer = { ...checkpoint, argv: ['perl'], exec, exit };
    const observed = { ...OBSERVED, steps: { ...OBSERVED.steps, transfer } };
    const told = known(frozenWindow(observed, { dumpLog: DUMP, restoreLog: RESTORE }));
    const plain = known(frozenWindow(OBSERVED, { dumpLog: DUMP, restoreLog: RESTORE }));
    expect(told.transferMs).toBeCloseTo(exit.latest - exec.earliest);
    expect(told.gap.ms + told.transferMs).toBeCloseTo(plain.gap.ms);
    expect(told.window).toEqual(plain.window);
    expect(told.runtimeMs).toBeCloseTo(plain.runtimeMs);
  });

  it('takes the freezer as it was seen to turn where that is narrower than the log', () => {
    const freezer = [
      { beforeMs: 1_026, afterMs: 1_026.1, frozen: false },
      { beforeMs: 1_027, afterMs: 1_027.1, frozen: true },
    ];
    const told = known(frozenWindow({ ...OBSERVED, freezer }, { dumpLog: DUMP, restoreLog: RESTORE }));
    expect(told.stopped).toEqual({ earliest: 1_026, latest: 1_027.1 });
  });

  it('takes the freeze of the dump that succeeded where an earlier one was tried', () => {
    const freezer = [
      { beforeMs: 900, afterMs: 900.1, frozen: false },
      { beforeMs: 901, afterMs: 901.1, frozen: true },
      { beforeMs: 1_026, afterMs: 1_026.1, frozen: false },
      { beforeMs: 1_027, afterMs: 1_027.1, frozen: true },
    ];
    const told = known(frozenWindow({ ...OBSERVED, freezer }, { dumpLog: DUMP, restoreLog: RESTORE }));
    expect(told.stopped).toEqual({ earliest: 1_026, latest: 1_027.1 });
  });

  it('goes by the log alone where the freezer was seen to turn at quite another time', () => {
    const freezer = [
      { beforeMs: 900, afterMs: 900.1, frozen: false },
      { beforeMs: 901, afterMs: 901.1, frozen: true },
    ];
    const files = { dumpLog: DUMP, restoreLog: RESTORE };
    expect(frozenWindow({ ...OBSERVED, freezer }, files)).toEqual(frozenWindow(OBSERVED, files));
  });

  it('goes by the log alone where it froze between two looks, and no look saw it frozen', () => {
    const files = { dumpLog: DUMP, restoreLog: RESTORE };
    const running = [1_020, 1_024, 1_090].map((ms) => ({ beforeMs: ms, afterMs: ms + 0.1, frozen: false }));
    expect(frozenWindow({ ...OBSERVED, freezer: running }, files)).toEqual(frozenWindow(OBSERVED, files));
    // Nor is anything known of when it turned where the first look saw it frozen.
    const frozen = [{ beforeMs: 1_030, afterMs: 1_030.1, frozen: true }];
    expect(frozenWindow({ ...OBSERVED, freezer: frozen }, files)).toEqual(frozenWindow(OBSERVED, files));
  });

  it('takes a line of a task or of a daemon for no line of CRIU itself', () => {
    const [version, stopped, scripts, resumed, stats] = RESTORE as [
      LogLine,
      LogLine,
      LogLine,
      LogLine,
      LogLine,
    ];
    const told = (text: string) => {
      const between = { offsetMs: 101.4, endByte: 160, text };
      const restoreLog = [
        version,
        stopped,
        scripts,
        between,
        { ...resumed, endByte: 200 },
        { ...stats, endByte: 240 },
      ];
      const looks = [{ beforeMs: 1_251.6, afterMs: 1_251.7, bytes: 200 }];
      return known(frozenWindow({ ...OBSERVED, restoreLog: looks }, { dumpLog: DUMP, restoreLog })).running;
    };
    const byCriu = told('RPC');
    for (const text of ['7: a task', 'pie: 7: a task', 'uns: daemon calls 0x1 (2, -1, 0)', 'cgroupd: x']) {
      expect(told(text).earliest).toBeCloseTo(byCriu.earliest - 0.4, 1);
    }
  });

  it('without a freezer cgroup goes from before the first task is seized to after the last', () => {
    const dumpLog = log(
      [0, 'Version: 3.17.1'],
      [5, 'Seized task 55, state 1'],
      [7, "\tSeizing 55's 56 thread"],
      [8, 'Collected 64 in 1 state'],
      [9, 'Collected 55 in 1 state'],
      [70, 'Dumping finished successfully'],
    );
    const told = known(
      frozenWindow(
        { ...OBSERVED, dumpLog: [{ beforeMs: 1_027.1, afterMs: 1_027.2, bytes: 120 }] },
        { dumpLog, restoreLog: RESTORE },
      ),
    );
    // One look, between 7 and 8 ms after the zero at about 1020: the second line after it came at 9 ms.
    expect(told.stopped.earliest).toBeCloseTo(1_018.1, 1);
    expect(told.stopped.latest).toBeCloseTo(1_029.2, 1);
  });

  it('always adds up', () => {
    const share = fc.double({ min: 0, max: 500, noNaN: true });
    fc.assert(
      fc.property(share, share, share, share, (before, handover, start, width) => {
        const exit = 1_100 + before;
        const exec = exit + handover;
        const changed = observation({
          steps: {
            checkpoint: command('rhel01', at(1_000, 1_001), at(exit, exit + 0.3)),
            restore: command('rhel02', at(exec, exec + 0.3), at(exec + start + 110, exec + start + 111)),
          },
          restoreLog: [{ beforeMs: exec + start, afterMs: exec + start + width, bytes: 40 }],
        });
        const { window, criuDumpMs, criuRestoreMs, runtimeMs, gap } = known(
          frozenWindow(changed, { dumpLog: DUMP, restoreLog: RESTORE }),
        );
        expect(criuDumpMs + criuRestoreMs + runtimeMs + gap.ms).toBeCloseTo(window.ms, 2);
        expect(window.atLeastMs).toBeLessThanOrEqual(window.ms);
        expect(window.atMostMs).toBeGreaterThanOrEqual(window.ms);
      }),
    );
  });

  it('is unknown, and says why, where something it needs is missing', () => {
    const told = (
      changes: Parameters<typeof observation>[0],
      dumpLog: LogLine[] | null,
      restoreLog: LogLine[] | null,
    ) => frozenWindow({ ...OBSERVED, ...changes }, { dumpLog, restoreLog });
    expect([
      told(FAILED_DUMP, DUMP, RESTORE),
      told({ steps: {} }, DUMP, RESTORE),
      told({}, null, RESTORE),
      told({}, DUMP, []),
      told({}, DUMP.slice(0, 4), RESTORE),
      told({}, DUMP, RESTORE.slice(0, 3)),
    ]).toEqual([
      { unknown: 'the migration failed at dump' },
      { unknown: 'a command did not run' },
      { unknown: 'a log of CRIU is missing' },
      { unknown: 'a log of CRIU is empty' },
      { unknown: 'dump.log does not say when tasks were stopped' },
      { unknown: 'restore.log does not say when tasks ran again' },
    ]);
  });
});
