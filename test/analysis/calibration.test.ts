import { describe, expect, it } from 'vitest';
import { calibration } from '../../harness/analysis/calibration.ts';
import { answersAround, calibrationOf, outage, RESOLUTION_MS } from '../report/calibration-fixture.ts';

const rowOf = (result: ReturnType<typeof calibrationOf>, kind: string, connection: string) =>
  result.rows.find((row) => row.kind === kind && row.connection === connection);

describe('a calibration', () => {
  it('sees an outage to an interval of the probe, and passes', () => {
    const result = calibrationOf();
    expect(result.verdict).toBe('pass');
    expect(result.allowedMs).toBe(RESOLUTION_MS + 1);
    const row = rowOf(result, 'stopped', 'kept');
    expect(row).toMatchObject({ outages: 2, unseen: 0, state: 'pass', trueMs: 100 });
    // Answers are 10 ms apart: an outage of 100 ms hides from 99 to 112 of them.
    expect(row?.errorMs).toBeGreaterThanOrEqual(0);
    expect(row?.errorMs).toBeLessThanOrEqual(RESOLUTION_MS + 1);
  });

  it('tells what TCP adds, and holds the probe to none of that', () => {
    const row = rowOf(calibrationOf({ dropped: 180 }), 'dropped', 'kept');
    expect(row?.errorMs).toBeGreaterThanOrEqual(180);
    expect(row?.state).toBeNull();
  });

  it('fails where the probe is off by more than it may be', () => {
    const result = calibrationOf({ stopped: 25 });
    expect([result.verdict, rowOf(result, 'stopped', 'kept')?.state]).toEqual(['fail', 'fail']);
  });

  it('tells how far the pauses of the heartbeat are off, of what was stopped alone', () => {
    const result = calibrationOf();
    expect(result.stops.map(({ kind }) => kind)).toEqual(['stopped', 'frozen']);
    // They are 0.4 ms longer than the outages can have been.
    expect(result.stops[0]).toMatchObject({ outages: 4, windowMs: null, state: 'pass' });
    expect(result.stops[0]?.heartbeatErrorMs).toBeCloseTo(0.4, 3);
  });

  it('tells how far the freezer as it was watched is off, of what was frozen', () => {
    const [, frozen] = calibrationOf().stops;
    expect(frozen).toMatchObject({ kind: 'frozen', outages: 2, windowErrorMs: 0, state: 'pass' });
    // A look each millisecond leaves about that open at both ends.
    expect(frozen?.windowMs).toBeCloseTo(100.5, 3);
    expect(frozen?.windowUncertaintyMs).toBeCloseTo(1.6, 3);
  });

  it('fails where the freezer as it was watched is off, and is unknown where it was not seen', () => {
    const made = outage('frozen', 1_000, 100);
    const of = (freezer: typeof made.freezer) =>
      calibration({
        outages: [{ ...made, freezer }],
        samples: { kept: [], 'per-request': [] },
        heartbeat: { periodMs: 1, pauses: [{ earliest: 1_000, latest: 1_100 }] },
        resolutionMs: RESOLUTION_MS,
      }).stops[0];
    const late = made.freezer.map((look) =>
      look.beforeMs < 1_100 ? look : { ...look, beforeMs: look.beforeMs + 20, afterMs: look.afterMs + 20 },
    );
    expect(of(made.freezer)?.state).toBe('pass');
    expect(of(late)).toMatchObject({ state: 'fail' });
    expect(of([])).toMatchObject({ state: 'unknown', windowMs: null });
  });

  it('is unknown where there were no answers around an outage', () => {
    const outages = [outage('stopped', 1_002, 100), outage('stopped', 9_000, 100)];
    const samples = { kept: answersAround(outages.slice(0, 1), {}), 'per-request': [] };
    const result = calibration({ outages, samples, heartbeat: null, resolutionMs: RESOLUTION_MS });
    expect(result.rows).toMatchObject([{ outages: 2, unseen: 1 }]);
    expect(
      calibration({ outages, samples: { ...samples, kept: [] }, heartbeat: null, resolutionMs: 10 }),
    ).toMatchObject({
      verdict: 'unknown',
      rows: [{ unseen: 2, errorMs: null, seenMs: null, state: 'unknown' }],
    });
  });
});
