import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  csvOf,
  measurementsTable,
  outcomesTable,
  requestsTable,
} from '../../../harness/report/html/client/downloads.js';
import { clamped, panned, zoomed } from '../../../harness/report/html/client/range.js';
import { firstDue, unpack } from '../../../harness/report/html/client/samples.js';
import {
  decimalsOfStep,
  durationText,
  secondsText,
  ticks,
} from '../../../harness/report/html/client/scale.js';
import { HOSTILE, packed, samplesOf } from './fixture.ts';

describe('ticks', () => {
  it.each([
    [0, 100, 5, [0, 20, 40, 60, 80, 100]],
    [0, 1, 4, [0, 0.5, 1]],
    [43.26, 43.68, 4, [43.4, 43.6]],
    [-3, 7, 5, [-2, 0, 2, 4, 6]],
    [5, 5, 5, []],
    [0, Number.POSITIVE_INFINITY, 5, []],
  ])('from %d to %d, about %d, are %j', (from, to, atMost, values) => {
    expect(ticks(from, to, atMost).values.map((value) => Number(value.toPrecision(12)))).toEqual(values);
  });

  it('can be told apart with the decimals of their step', () => {
    expect([0.005, 0.02, 0.5, 1, 200].map(decimalsOfStep)).toEqual([3, 2, 1, 0, 0]);
  });
});

describe('times', () => {
  it('are written in the unit that suits them', () => {
    expect([0, 820, 1_210, 9_999, 45_120, 999_960, 1_000_000, 4_984_705].map(durationText)).toEqual([
      '0 µs',
      '820 µs',
      '1.210 ms',
      '9.999 ms',
      '45.120 ms',
      '999.960 ms',
      '1.000000 s',
      '4.984705 s',
    ]);
  });

  it('of the axis have the digits that its step needs', () => {
    expect([secondsText(43_250_000, 50_000), secondsText(43_250_000, 5_000_000)]).toEqual([
      '43.25 s',
      '43 s',
    ]);
  });
});

describe('the stretch that is looked at', () => {
  const whole = { from: 0, to: 1_000_000 };

  it('keeps what lies under the pointer where it is', () => {
    expect(zoomed({ from: 0, to: 1_000_000 }, 0.5, 250_000, whole)).toEqual({ from: 125_000, to: 625_000 });
  });

  it('moves by a share of its width, and stops at the ends', () => {
    expect(panned({ from: 100, to: 1_100 }, 0.25, whole)).toEqual({ from: 350, to: 1_350 });
    expect(panned({ from: 100, to: 1_100 }, -0.25, whole)).toEqual({ from: 0, to: 1_000 });
  });

  it('never leaves the run, and is never narrower than 100 µs', () => {
    const us = fc.double({ min: -2e6, max: 2e6, noNaN: true });
    fc.assert(
      fc.property(us, us, (a, b) => {
        const { from, to } = clamped({ from: a, to: b }, whole);
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThanOrEqual(1_000_000 + 1e-6);
        expect(to - from).toBeGreaterThanOrEqual(100 - 1e-6);
      }),
      { numRuns: 300, seed: 1 },
    );
  });
});

describe('the first request due', () => {
  it('is found at, between and outside of requests', () => {
    const samples = unpack(packed(samplesOf(10)));
    expect([-1, 0, 1, 10_000, 89_999, 90_000, 90_001].map((us) => firstDue(samples, us))).toEqual([
      0, 0, 1, 1, 9, 9, 10,
    ]);
  });
});

describe('downloads', () => {
  const carried = packed(samplesOf(24));
  const samples = unpack(carried);
  const outcomes = carried.outcomes.map(({ kind, text }) => ({ kind, text: text ?? kind, lane: 0 }));

  it('of requests have a line for each', () => {
    const lines = csvOf(requestsTable(samples, outcomes)).join('').split('\r\n');
    expect(lines.length).toBe(26);
    expect([lines[0], lines[1], lines[2], lines[21]]).toEqual([
      'due_s,late_ms,latency_ms,outcome,text,stands_for',
      '0,,,dropped,dropped,1',
      '0.01,0,2,refused,ECONNRESET,1',
      '0.2,0.012,337,answered,rhel01,1',
    ]);
  });

  it('of outcomes count them', () => {
    expect(csvOf(outcomesTable(samples, outcomes)).join('')).toBe(
      'outcome,text,requests\r\ndropped,dropped,3\r\nrefused,ECONNRESET,9\r\nreset,ECONNRESET,8\r\nanswered,rhel01,4\r\n',
    );
  });

  it('of measurements leave out what is unknown', () => {
    const columns = [{ name: 'downtime', unit: 'ms', values: [1.5, null] }];
    expect(csvOf(measurementsTable({ numbers: [2, 3], columns })).join('')).toBe(
      'migration,downtime (ms)\r\n2,1.5\r\n3,\r\n',
    );
  });

  it('quote what would end a field, and disarm what a spreadsheet would calculate', () => {
    const table = { names: ['a', 'b', 'c'], length: 1, row: () => [HOSTILE, '=1+1', '-x, "y"'] };
    expect(csvOf(table).join('')).toBe(`a,b,c\r\n"${HOSTILE.replaceAll('"', '""')}",'=1+1,"'-x, ""y"""\r\n`);
  });
});
