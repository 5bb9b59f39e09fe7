import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Calibration } from '../../harness/model.ts';
import { inventory, settledInventory, whyNotHere } from './machine.ts';
import { scratch, thaw } from './thaw.ts';

const why = whyNotHere();
let place: ReturnType<typeof scratch>;
beforeEach(() => {
  place = scratch();
});
afterEach(() => place.remove());

describe.skipIf(why !== null)(`a calibration${why === null ? '' : ` (skipped: ${why})`}`, () => {
  test('makes outages of each kind, sees each of them, and leaves nothing', async () => {
    const before = inventory();
    const options = ['--lengths', '100', '--repeat', '1', '--reports', place.path, '--json'];
    const ended = await thaw('calibrate', ...options);
    const { rows, stops, outages, verdict } = JSON.parse(ended.stdout) as Calibration;
    expect(ended.status).toBe({ pass: 0, fail: 1, unknown: 2 }[verdict]);
    expect(rows.map(({ kind, connection, wantedMs }) => `${kind} ${connection} ${wantedMs}`)).toEqual(
      ['stopped', 'frozen', 'refused', 'dropped', 'address-gone'].flatMap((kind) =>
        ['kept', 'per-request'].map((connection) => `${kind} ${connection} 100`),
      ),
    );
    for (const { true: made, seenMs, kind, heartbeatMs, window, wantedMs } of outages) {
      expect(made.atMostMs).toBeGreaterThanOrEqual(wantedMs);
      // On a busy machine the answer before it is received late, which shortens what is seen, or the one after it, which
      // lengthens it. What is not seen at all is as long as the time between two requests.
      expect(seenMs).toBeGreaterThanOrEqual(made.atLeastMs / 2);
      if (kind === 'stopped' || kind === 'frozen') expect(heartbeatMs).toBeGreaterThanOrEqual(made.atLeastMs);
      else expect(heartbeatMs).toBeNull();
      // Two intervals of the same time cannot miss each other, however busy the machine is.
      if (kind === 'frozen') {
        expect(window?.atMostMs).toBeGreaterThanOrEqual(made.atLeastMs);
        expect(window?.atLeastMs).toBeLessThanOrEqual(made.atMostMs);
      } else expect(window).toBeNull();
    }
    expect(stops.map(({ kind, outages }) => [kind, outages])).toEqual([
      ['stopped', 2],
      ['frozen', 2],
    ]);
    // Data that is dropped is sent again when the outage is over, and later than that.
    const seen = (kind: string) =>
      rows.find((row) => row.kind === kind && row.connection === 'kept' && row.wantedMs === 100)?.seenMs ?? 0;
    expect(seen('dropped')).toBeGreaterThan(180);
    expect(await settledInventory(before)).toEqual(before);
  });
});
