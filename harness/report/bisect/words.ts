/** How a bisection's runs are told, in whatever format. */
import type { BisectResult, JudgedVersion } from '../../analysis/bisect/result.ts';

/** `failed 2 of 3`, and what could not tell. */
export function countsText({ fails, passes, unknown, unbuildable }: JudgedVersion): string {
  if (unbuildable !== null) return 'does not build';
  const told = fails + passes;
  const counts =
    told === 0 ? [] : fails === 0 ? [`passed ${passes} of ${told}`] : [`failed ${fails} of ${told}`];
  const silent = unknown === 0 ? [] : [`${unknown} could not tell`];
  return [...counts, ...silent].join(', ');
}

/** How sure the answer is, rounded down. */
export function sureText({ range, wanted, suspects }: BisectResult): string {
  if (range === null) return '';
  const of = suspects.length === 1 ? 'this one' : `one of ${suspects.length}`;
  const asked = range.confidence < wanted ? ` (${percent(wanted)} is wanted)` : '';
  return `with a confidence of ${percent(range.confidence)} it is ${of}${asked}, both ends being as said`;
}

function percent(fraction: number): string {
  return fraction >= 0.9999 ? 'more than 99.9 %' : `${(Math.floor(fraction * 1_000) / 10).toFixed(1)} %`;
}
