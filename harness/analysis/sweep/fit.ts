/** A straight line through the measurements of cells that differ in one number: a fixed part, and a cost. */
import { linearRegression } from 'simple-statistics';
import { micro, mulberry32, quantile } from '../statistics.ts';

export interface Points {
  x: number;
  values: readonly number[];
}

export interface Line {
  /** At 0 of the axis. */
  fixed: Estimate;
  /** For each unit of the axis. */
  slope: Estimate;
  /** Values that it goes through. */
  values: number;
  /** Where the line lies at each x, from 0 to the largest: 95 % of the lines of the same bootstrap. */
  band: BandPoint[];
}

export interface BandPoint {
  x: number;
  low: number;
  high: number;
}

export interface Estimate {
  value: number;
  ci95: [number, number];
}

const RESAMPLES = 1_000;
/** Steps of the band; its edges are bent where the line is best known, and nearly straight elsewhere. */
const BAND_STEPS = 24;

/**
 * By least squares over all values; the intervals are by a bootstrap of 1,000 that draws within each cell. Null below
 * three cells, for two tell nothing of a line, or where a cell has fewer than two values.
 */
export function lineOf(points: readonly Points[], seed: number): Line | null {
  if (points.length < 3 || points.some(({ values }) => values.length < 2)) return null;
  const { m, b } = lineThrough(points);
  const random = mulberry32(seed);
  const drawn = Array.from({ length: RESAMPLES }, () =>
    lineThrough(points.map(({ x, values }) => ({ x, values: values.map(() => anyOf(values, random)) }))),
  );
  const estimate = (value: number, resampled: number[]): Estimate => ({
    value: micro(value),
    ci95: [quantile(resampled, 0.025) as number, quantile(resampled, 0.975) as number],
  });
  return {
    fixed: estimate(
      b,
      drawn.map((line) => line.b),
    ),
    slope: estimate(
      m,
      drawn.map((line) => line.m),
    ),
    values: points.reduce((sum, { values }) => sum + values.length, 0),
    band: bandOf(drawn, Math.max(...points.map(({ x }) => x))),
  };
}

/** Pointwise: at each x the quantiles of what the resampled lines say there. */
function bandOf(lines: readonly { m: number; b: number }[], toX: number): BandPoint[] {
  return Array.from({ length: BAND_STEPS + 1 }, (_, step) => {
    const x = (toX * step) / BAND_STEPS;
    const values = lines.map(({ m, b }) => m * x + b);
    return { x, low: quantile(values, 0.025) as number, high: quantile(values, 0.975) as number };
  });
}

function lineThrough(points: readonly Points[]): { m: number; b: number } {
  return linearRegression(points.flatMap(({ x, values }) => values.map((value) => [x, value])));
}

function anyOf(values: readonly number[], random: () => number): number {
  return values[Math.floor(random() * values.length)] as number;
}

const NUMBER = /^(\d+(?:\.\d+)?)(MiB|GiB|MiB\/s|\/s|ms|s|m|h|%|[kMG]bit\/s)?$/;
const SCALE: Record<string, [number, string]> = {
  '': [1, ''],
  MiB: [1, 'MiB'],
  GiB: [1_024, 'MiB'],
  'MiB/s': [1, 'MiB/s'],
  '/s': [1, '/s'],
  ms: [1, 'ms'],
  s: [1_000, 'ms'],
  m: [60_000, 'ms'],
  h: [3_600_000, 'ms'],
  '%': [1, '%'],
};
/** A network's rate is told by what it costs, for that is what a straight line goes through: 100 Mbit/s are 80 ms for each MB. */
const MS_PER_MB: Record<string, number> = { 'kbit/s': 8_000_000, 'Mbit/s': 8_000, 'Gbit/s': 8 };

/** `{kept: 100}` */
const ONE_KEY = /^\{([\w-]+): ([^{}:,]+)\}$/;

/** The values of an axis as numbers of one unit; null where they are words, or of different kinds. */
export function numbersOf(values: readonly string[]): { unit: string; numbers: number[] } | null {
  const keys = new Set(values.map((value) => ONE_KEY.exec(value)?.[1]));
  const within = (value: string): string => (keys.size === 1 ? (ONE_KEY.exec(value)?.[2] ?? value) : value);
  const read = values.map(within).map((value) => {
    const [, amount, suffix = ''] = NUMBER.exec(value) ?? [];
    const msPerMb = MS_PER_MB[suffix];
    if (msPerMb !== undefined) return { number: msPerMb / Number(amount), unit: 'ms/MB' };
    const [factor, unit] = SCALE[suffix] as [number, string];
    return { number: Number(amount) * factor, unit };
  });
  const unit = read[0]?.unit ?? '';
  if (read.some((one) => Number.isNaN(one.number) || one.unit !== unit)) return null;
  return { unit, numbers: read.map(({ number }) => number) };
}
