import { describe, expect, it } from 'vitest';
import { clocksOf, wallWasSet } from '../../harness/analysis/clocks.ts';
import { distributions } from '../../harness/analysis/distributions.ts';
import { byOrder } from '../../harness/analysis/order.ts';
import type { ClockReading } from '../../harness/model.ts';
import { migrationOf } from '../report/fixture.ts';
import { log } from './fixture.ts';

function reading(
  host: string,
  askedMs: number,
  roundTripMs: number,
  wallOffsetMs: number | null,
): ClockReading {
  return { host, askedMs, answeredMs: askedMs + roundTripMs, hostNs: '1', wallOffsetMs };
}

describe('clocksOf', () => {
  it('tells the worst reading of each host, and by how much its wall clock was set', () => {
    const readings = [
      reading('rhel01', 0, 2, 5_000),
      reading('rhel02', 3, 1, 7_000),
      reading('rhel01', 10_000, 4, 125_000),
      // 4 ms in 10 s is what NTP may turn a clock by.
      reading('rhel02', 10_003, 1, 7_004),
    ];
    expect(clocksOf(readings)).toEqual([
      { host: 'rhel01', uncertaintyMs: 2, wallStepMs: 120_000 },
      { host: 'rhel02', uncertaintyMs: 0.5, wallStepMs: 0 },
    ]);
    expect(['rhel01', 'rhel02', 'rhel03'].map((host) => wallWasSet(host, readings))).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('does not know of a step where a host was read once, or does not tell its wall clock', () => {
    const once = [reading('rhel01', 0, 2, 5_000)];
    const silent = [reading('rhel02', 0, 2, null), reading('rhel02', 9, 2, null)];
    expect(clocksOf([...once, ...silent]).map(({ wallStepMs }) => wallStepMs)).toEqual([null, null]);
  });

  it('is empty where the hosts share the clock', () => {
    expect(clocksOf([])).toEqual([]);
  });
});

describe('a wall clock that was set during a migration', () => {
  const set = { ...migrationOf(1), clocks: [{ host: 'rhel02', uncertaintyMs: 1, wallStepMs: -90_000 }] };

  it("takes CRIU's times of that host out of the figures, and leaves its counts and the other host's times", () => {
    // Migration 2 goes from rhel02 to rhel01.
    const of = (measurement: string) =>
      distributions([set], 1).find((distribution) => distribution.measurement === measurement);
    const why = 'the wall clock of rhel02, by which CRIU counts, was set back by 90.0 s meanwhile';
    for (const field of ['freezing_time', 'frozen_time', 'memdump_time', 'memwrite_time'])
      expect(of(field)).toMatchObject({ values: [], unknown: [{ number: 2, why }] });
    expect(of('restore_time')).toMatchObject({ values: [expect.any(Number)], unknown: [] });
    expect(of('image-bytes')?.values).toHaveLength(1);
  });
});

describe('byOrder', () => {
  const LOG = log(
    [0, 'Version: 4.2.1'],
    [120_005, 'freezing cgroup /web'],
    [120_015, 'freezer.state=FROZEN'],
  );
  const [version, freezing, frozen] = LOG as [(typeof LOG)[0], (typeof LOG)[0], (typeof LOG)[0]];
  const command = { exec: { earliest: 100, latest: 101 }, exit: { earliest: 200, latest: 201 } };
  const looks = [
    { beforeMs: 110, afterMs: 111, bytes: 0 },
    { beforeMs: 120, afterMs: 121, bytes: version.endByte },
    { beforeMs: 130, afterMs: 131, bytes: freezing.endByte },
    { beforeMs: 140, afterMs: 141, bytes: frozen.endByte },
  ];

  it('places lines by when the log was seen to grow, whatever their offsets say', () => {
    const at = byOrder(LOG, looks, command);
    expect(at(null)).toEqual({ earliest: 100, latest: 121 });
    // Before the first line is written, nothing of its stamp is known but that the command ran.
    expect(at(version)).toEqual({ earliest: 100, latest: 121 });
    expect(at(freezing)).toEqual({ earliest: 110, latest: 131 });
    expect(at(frozen)).toEqual({ earliest: 120, latest: 141 });
  });

  it('without a look allows all of the command', () => {
    expect(byOrder(LOG, [], command)(frozen)).toEqual({ earliest: 100, latest: 201 });
  });
});
