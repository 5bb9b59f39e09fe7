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
    // They are 0.4 and 5.5 ms longer than the outages can have been.
    expect(rowOf(result, 'stopped', 'kept')?.heartbeatErrorMs).toBeCloseTo(2.95, 3);
    expect(rowOf(result, 'dropped', 'kept')?.heartbeatErrorMs).toBeNull();
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
