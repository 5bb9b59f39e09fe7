import { describe, expect, it } from 'vitest';
import {
  boundedMs,
  count,
  exactMs,
  fixed,
  mebibytes,
  plusMinus,
  roughMs,
} from '../../harness/report/numbers.ts';

describe('a number', () => {
  it.each([
    [312.4137, 0.58, '312.4 ±0.6 ms'],
    [345.2, 10, '345 ±10 ms'],
    [345.2, 1, '345.2 ±1.0 ms'],
    [4.1234, 0.2, '4.12 ±0.20 ms'],
    [4.1234, 0.0004, '4.123 ±0.001 ms'],
    [8312.7, 45, '8310 ±50 ms'],
    [8312.7, 145, '8310 ±150 ms'],
    [95.3, 0.97, '95.3 ±1.0 ms'],
    [12.345, 0, '12.35 ms'],
  ])('%d with ±%d is shown as %s', (ms, half, text) => {
    expect(boundedMs({ ms, atLeastMs: ms - half, atMostMs: ms + half })).toBe(text);
  });

  it('has the larger of its two sides as its uncertainty', () => {
    expect(boundedMs({ ms: 100, atLeastMs: 99.9, atMostMs: 102 })).toBe('100.0 ±2.0 ms');
  });

  it('never has its uncertainty rounded down', () => {
    expect([0.61, 0.354, 0.36, 11.1, 3600].map(plusMinus)).toEqual(['±0.7', '±0.36', '±0.4', '±12', '±4000']);
  });

  it('that is exact keeps four significant digits and at most microseconds', () => {
    expect([0.0123, 1.23456, 12.3456, 123.456, 1234.56].map(exactMs)).toEqual([
      '0.012 ms',
      '1.235 ms',
      '12.35 ms',
      '123.5 ms',
      '1235 ms',
    ]);
  });

  it('that is only looked at keeps three', () => {
    expect([0.0012, 0.99951, 1.2345, 12.345, 376.5].map(roughMs)).toEqual([
      '1 µs',
      '1.00 ms',
      '1.23 ms',
      '12.3 ms',
      '377 ms',
    ]);
  });

  it('is never a negative zero', () => {
    expect([fixed(-0.01, 1), fixed(-1, -1), fixed(-0.06, 1)]).toEqual(['0.0', '0', '-0.1']);
  });

  it('of requests and of bytes reads as such', () => {
    expect([count(1689), count(2.5), mebibytes(14_881_234), mebibytes(2 ** 30)]).toEqual([
      '1,689',
      '2.5',
      '14.2 MiB',
      '1024 MiB',
    ]);
  });
});
