/** Numbers as text, with the digits that their uncertainty justifies and no more. */
import { halfWidth, isUnknown } from '../analysis/intervals.ts';
import { count, counted } from '../counted.ts';
import type { BoundedMs, Distribution, Downtime } from '../model.ts';

export { count, counted, isUnknown };

const MIB = 1_048_576;

/**
 * Decimals of a value whose uncertainty is `uncertainty`, by the Particle Data Group's rounding rule (Review of
 * Particle Physics, introduction): leading digits 100–354 keep two digits, 355–949 one, above that the next
 * ten. Negative: the value is rounded to tens, hundreds … At most 3, since instants have 1 µs.
 */
export function decimalsFor(uncertainty: number): number {
  const exponent = Math.floor(Math.log10(uncertainty) + 1e-12);
  const leading = uncertainty / 10 ** exponent;
  return Math.min(3, leading < 3.55 ? 1 - exponent : -exponent);
}

/** Decimals of a value that is exact: four significant digits, at most 3 decimals. */
export function decimalsOfExact(value: number): number {
  const magnitude = Math.abs(value);
  if (magnitude >= 1000) return 0;
  if (magnitude >= 100) return 1;
  return magnitude >= 10 ? 2 : 3;
}

/** A number rounded to `decimals` (negative: to tens, hundreds …), never `-0`. */
export function fixed(value: number, decimals: number): string {
  if (decimals < 0) return String(Math.round(value / 10 ** -decimals) * 10 ** -decimals || 0);
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? (0).toFixed(decimals) : text;
}

/** The uncertainty itself: rounded up at the digit up to which its value is shown. */
export function plusMinus(uncertainty: number): string {
  const decimals = decimalsFor(uncertainty);
  const step = 10 ** -decimals;
  return `±${fixed(Math.ceil(uncertainty / step - 1e-6) * step, decimals)}`;
}

/** `312.4 ±0.6 ms`. */
export function boundedMs(bounded: BoundedMs): string {
  return withUncertainty(bounded.ms, halfWidth(bounded));
}

/** `345 ±10 ms`: the resolution of a downtime is the probe's interval. */
export function downtimeMs(downtime: Downtime): string {
  return withUncertainty(downtime.ms, downtime.resolutionMs);
}

/** A duration that carries no uncertainty of its own. */
export function exactMs(ms: number): string {
  return `${fixed(ms, decimalsOfExact(ms))} ms`;
}

/** Three significant digits; below 1 ms in microseconds: for figures that are looked at, not compared. */
export function roughMs(ms: number): string {
  if (ms < 0.9995) return `${fixed(ms * 1000, 0)} µs`;
  return `${fixed(ms, ms >= 99.95 ? 0 : ms >= 9.995 ? 1 : 2)} ms`;
}

/** `45 s`, `12 min`, `8.0 h`: how long something went on. */
export function longDuration(ms: number): string {
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${(ms / 3_600_000).toFixed(1)} h`;
}

export function mebibytes(bytes: number): string {
  return `${fixed(bytes / MIB, bytes < 100 * MIB ? 1 : 0)} MiB`;
}

/** How to write the values of one distribution: all with the same digits. */
export function formatOf(distribution: Pick<Distribution, 'unit' | 'max' | 'uncertainty'>): {
  unit: string;
  value: (value: number) => string;
  each: string;
} {
  const largest = distribution.max ?? 0;
  const uncertainty = distribution.uncertainty ?? 0;
  switch (distribution.unit) {
    case 'bytes':
      return { unit: 'MiB', value: (v) => fixed(v / MIB, largest < 100 * MIB ? 1 : 0), each: 'exact' };
    case 'requests':
      return { unit: '', value: count, each: 'counted' };
    case 'ms': {
      const decimals = uncertainty > 0 ? decimalsFor(uncertainty) : decimalsOfExact(largest);
      const each = uncertainty > 0 ? `${plusMinus(uncertainty)} ms` : 'exact';
      return { unit: 'ms', value: (v) => fixed(v, decimals), each };
    }
  }
}

function withUncertainty(ms: number, uncertainty: number): string {
  if (uncertainty <= 0) return exactMs(ms);
  return `${fixed(ms, decimalsFor(uncertainty))} ${plusMinus(uncertainty)} ms`;
}
