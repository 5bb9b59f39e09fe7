import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placed } from '../../harness/host/host-clock.ts';
import type { ClockReading } from '../../harness/model.ts';

/** A host whose clock began `offsetMs` before ours and runs fast by `ppm`; its reading lies somewhere in the round trip. */
function readings(
  host: { offsetMs: number; ppm: number },
  asked: readonly { atMs: number; roundTripMs: number; share: number }[],
): ClockReading[] {
  return asked.map(({ atMs, roundTripMs, share }) => ({
    host: 'rhel01',
    askedMs: atMs,
    answeredMs: atMs + roundTripMs,
    hostNs: String(hostNs(host, atMs + roundTripMs * share)),
    wallOffsetMs: null,
  }));
}

function hostNs({ offsetMs, ppm }: { offsetMs: number; ppm: number }, atMs: number): bigint {
  return BigInt(Math.round((offsetMs + atMs * (1 + ppm / 1e6)) * 1e6));
}

describe('placed', () => {
  it('holds the true instant for every clock that computers have', () => {
    const one = fc.record({
      roundTripMs: fc.double({ min: 0.05, max: 20, noNaN: true }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.record({
          offsetMs: fc.double({ min: 1, max: 1e9, noNaN: true }),
          ppm: fc.double({ min: -200, max: 200, noNaN: true }),
        }),
        fc.array(one, { minLength: 1, maxLength: 8 }),
        fc.double({ min: 0, max: 60_000, noNaN: true }),
        (host, asked, atMs) => {
          const known = readings(
            host,
            asked.map((question, i) => ({ ...question, atMs: i * 7_000 })),
          );
          const told = placed(known, hostNs(host, atMs));
          // A nanosecond is lost in rounding, and a float has some digits only.
          expect(told?.earliest).toBeLessThanOrEqual(atMs + 1e-3);
          expect(told?.latest).toBeGreaterThanOrEqual(atMs - 1e-3);
        },
      ),
    );
  });

  it('is as narrow as the round trips around it', () => {
    const host = { offsetMs: 1_000, ppm: 100 };
    const known = readings(host, [
      { atMs: 0, roundTripMs: 1, share: 0.5 },
      { atMs: 1_000, roundTripMs: 1, share: 0.5 },
    ]);
    const told = placed(known, hostNs(host, 500));
    expect((told?.latest ?? Number.NaN) - (told?.earliest ?? 0)).toBeLessThan(1.2);
  });

  it('knows nothing without a reading', () => {
    expect(placed([], 1n)).toBeNull();
  });
});
