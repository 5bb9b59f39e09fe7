/** How a sweep's cells and costs are told as text, in whatever format. */
import type { CellResult, Figure } from '../../analysis/sweep/result.ts';
import { formatOf } from '../numbers.ts';

export function figureOf({ figures }: CellResult, name: string): Figure | undefined {
  return figures.find(({ measurement }) => measurement === name);
}

/** The median and its interval, with the number of those that are unknown. */
export function figureText(cell: CellResult, name: string): [median: string, interval: string] {
  const figure = figureOf(cell, name);
  if (figure === undefined || figure.median === null)
    return [cell.skipped === null ? 'unknown' : 'skipped', ''];
  const format = formatOf({ unit: figure.unit, max: figure.median, uncertainty: figure.uncertainty });
  const interval = figure.medianCi95?.map(format.value).join('–') ?? '';
  const missing = figure.unknown === 0 ? '' : ` ?${figure.unknown}`;
  return [format.value(figure.median), `${interval}${missing}`];
}

/** Sizes are told for each 100 MiB. */
export function per(unit: string): number {
  return unit === 'MiB' || unit === 'ms' ? 100 : 1;
}

/** Why a cell did not pass: at most five reasons. */
export function notPassedOf({ skipped, runs, causes, notPassed }: CellResult): string[] {
  if (skipped !== null) return [`skipped: ${skipped}`];
  return runs === 0 && notPassed.length === 0 ? ['not run'] : [...causes, ...notPassed].slice(0, 5);
}
