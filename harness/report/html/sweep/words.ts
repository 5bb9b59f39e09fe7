/** How cells and their figures are told on the page of a sweep. */
import type { CellResult, Figure } from '../../../analysis/sweep/result.ts';
import { formatOf } from '../../numbers.ts';
import { shortKey } from '../../sweep/names.ts';
import { safeText } from '../../text.ts';

/** As `shortKey` has it, among all `keys` that vary; of a toolchain the host is said. */
export function axisName(key: string, keys: readonly string[]): string {
  const name = key.startsWith('toolchain.') ? key.replace('.', ' of ') : shortKey(key, keys);
  return safeText(name, 40);
}

export function valuesText(values: Record<string, string>): string {
  return Object.entries(values)
    .map(([key, value]) => `${axisName(key, Object.keys(values))} ${safeText(value, 60)}`)
    .join(', ');
}

export function figureOf({ figures }: CellResult, measurement: string): Figure | undefined {
  return figures.find((one) => one.measurement === measurement);
}

/** The median with its unit and its interval; null where it is not known. */
export function medianText({
  unit,
  median,
  medianCi95,
  uncertainty,
}: Figure): { median: string; interval: string } | null {
  if (median === null) return null;
  const format = formatOf({ unit, max: median, uncertainty });
  return {
    median: `${format.value(median)} ${format.unit}`.trim(),
    interval: medianCi95?.map(format.value).join(' – ') ?? '',
  };
}
