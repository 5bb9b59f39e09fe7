import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anchor } from '../../harness/analysis/anchor.ts';
import { at, log, writeLog } from './fixture.ts';

const FOREVER = { exec: at(0), exit: at(1_000_000) };

const line = fc.record({
  pauseUs: fc.integer({ min: 1, max: 3_000 }),
  // Mostly quick, but the scheduler may hold a process up between the stamp and the write.
  heldUs: fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 1, max: 20 }) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 20_000 }) },
  ),
  writer: fc.constantFrom(0 as const, 1 as const, 2 as const),
});
const look = fc.record({
  pauseUs: fc.integer({ min: 1, max: 4_000 }),
  widthUs: fc.integer({ min: 1, max: 2_000 }),
  place: fc.double({ min: 0, max: 1, noNaN: true }),
});

describe('anchor', () => {
  it('holds the true instant of every line, however long the writers and the poller were held up', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1_000, max: 2_000, noNaN: true }),
        fc.array(line, { minLength: 1, maxLength: 60 }),
        fc.array(look, { maxLength: 40 }),
        (zeroMs, lines, looks) => {
          const written = writeLog(zeroMs, lines, looks);
          const tell = anchor(written.log, written.looks, {
            exec: at(zeroMs - 5, zeroMs - 4),
            exit: at(Math.max(...written.writes), Math.max(...written.writes) + 3),
          });
          for (const [offsetMs, truth] of [
            [0, zeroMs],
            ...written.log.map((one, i) => [one.offsetMs, written.stamps[i]]),
          ] as [number, number][]) {
            const told = tell?.(offsetMs);
            expect(told?.contradicted).toBe(false);
            expect(told?.earliest).toBeLessThanOrEqual(truth);
            expect(told?.latest).toBeGreaterThanOrEqual(truth);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('still holds it while NTP slews the wall clock as fast as the kernel lets it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(-0.000_5, 0.000_5),
        fc.array(line, { minLength: 1, maxLength: 60 }),
        fc.array(look, { maxLength: 40 }),
        (slew, lines, looks) => {
          const { log: told, looks: seen, stamps } = writeLog(1_000, lines, looks);
          const slewed = told.map((one, i) => ({
            ...one,
            offsetMs: Math.floor(((stamps[i] as number) - 1_000) * (1 + slew) * 1_000) / 1_000,
          }));
          const zero = anchor(slewed, seen, FOREVER)?.(0);
          expect(zero?.earliest).toBeLessThanOrEqual(1_000);
          expect(zero?.latest).toBeGreaterThanOrEqual(1_000);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('is as narrow as a look and the time between two lines', () => {
    const lines = log([0, 'a'], [1, 'b'], [2, 'c'], [3, 'd'], [4, 'e']);
    // At 1002.1 the first three lines were there: c was stamped before, and e after.
    const told = anchor(lines, [{ beforeMs: 1_002.1, afterMs: 1_002.2, bytes: 120 }], FOREVER)?.(0);
    expect(told?.earliest).toBeCloseTo(998.1, 1);
    expect(told?.latest).toBeCloseTo(1_000.2, 1);
    expect(told?.contradicted).toBe(false);
  });

  it('knows no more than the life of the command where nobody looked', () => {
    const told = anchor(log([0, 'a'], [50, 'b']), [], { exec: at(100, 110), exit: at(180, 200) })?.(0);
    expect(told).toEqual({
      earliest: expect.closeTo(100, 1),
      latest: expect.closeTo(150, 0),
      contradicted: false,
    });
  });

  it('does not take a line of threads inside the tasks for one that came after another', () => {
    const lines = log([0, 'a'], [5, 'pie: 7: x'], [6, 'pie: 7: y'], [7, 'pie: 7: z']);
    const look = { beforeMs: 5_000, afterMs: 5_001, bytes: 40 };
    expect(anchor(lines, [look], FOREVER)?.(0).earliest).toBeCloseTo(0, 1);
  });

  it('does not take lines of several processes with one prefix for those of one', () => {
    // Opened at 1000. Two processes each stamped a line by 1006, and both were held up before their writes.
    const pairs: [string, string][] = [
      ['uns: daemon calls 0x1 (2, -1, 0)', 'uns: calling exit_usernsd (-1, 1)'],
      ['1: Restoring 1 to 1 pgid', '1: PID: real 1432 virt 6'],
      ['Reading mountpoint images', 'cg: cgroud: Daemon started'],
    ];
    const look = { beforeMs: 1_015, afterMs: 1_015.1, bytes: 40 };
    const told = pairs.map(([one, other]) =>
      anchor(log([0, 'a'], [5, one], [6, other]), [look], { exec: at(990), exit: at(1_100) })?.(0),
    );
    const all = { earliest: expect.closeTo(990, 1), latest: expect.closeTo(1_015.1, 1), contradicted: false };
    expect(told).toEqual([all, all, all]);
  });

  it('takes nothing from the lines of the processes that dump one namespace each', () => {
    const lines = log(
      [0, 'a'],
      [4, "Dumping 1(126)'s namespaces"],
      [5, 'Dump UTS namespace 2 via 7'],
      [6, 'Dump IPC namespace 3 via 7'],
      [20, 'Namespaces dump complete'],
      [21, 'b'],
    );
    const told = anchor(lines, [{ beforeMs: 1_015, afterMs: 1_015.1, bytes: 80 }], FOREVER)?.(0);
    // Of CRIU's own the second line after the look came at 21 ms.
    expect(told?.earliest).toBeCloseTo(994, 1);
  });

  it('widens to all that the bounds say where the wall clock was set meanwhile', () => {
    // Two lines a millisecond apart by their offsets, that were seen to come 500 ms apart.
    const lines = log([0, 'a'], [1, 'b'], [2, 'c'], [3, 'd']);
    const looks = [
      { beforeMs: 1_000, afterMs: 1_000.1, bytes: 40 },
      { beforeMs: 1_500, afterMs: 1_500.1, bytes: 80 },
    ];
    const told = anchor(lines, looks, { exec: at(990), exit: at(1_600) })?.(0);
    expect(told).toEqual({
      earliest: expect.closeTo(990, 1),
      latest: expect.closeTo(1_597, 0),
      contradicted: true,
    });
  });

  it('has nothing to say of an empty log', () => {
    expect(anchor([], [{ beforeMs: 1, afterMs: 2, bytes: 3 }], FOREVER)).toBeNull();
  });
});
