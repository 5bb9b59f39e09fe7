/** Source × destination for a terminal: what works, what fails with which cause, and what nobody knows. */
import type { Compatibility, Pair } from '../../analysis/sweep/compatibility.ts';
import type { SweepResult } from '../../analysis/sweep/result.ts';
import { heading, inVerdictColour, paintOf, type Style } from '../style.ts';
import { columnsOf, hang, safeText, table } from '../text.ts';
import { PAIR_LOOKS, pairOf, pairText, REASONS_AT_MOST, reasonsOf } from './words.ts';

/** Toolchains are numbered, so that the table stays narrow; a section for each table. */
export function compatibilitySections(
  { compatibility, versions }: Pick<SweepResult, 'compatibility' | 'versions'>,
  style: Style,
): string[][] {
  return compatibility.map((one) => {
    const names = [...new Set([...one.sources, ...one.destinations])];
    const numberOf = (name: string): string => String(names.indexOf(name) + 1);
    const where = Object.entries(one.where).map(([key, value]) => `${key} ${value}`);
    return [
      heading(style, 'Compatibility', safeText([...where, NOTE].join('; '), 200)),
      ...names.flatMap((name) => {
        const ran = versions[name]?.join('; ') ?? 'was not run';
        return hang(`  ${numberOf(name).padStart(2)}  `, safeText(`${name}: ${ran}`, 300), style.width);
      }),
      ...matrix(one, numberOf, style),
      ...one.pairs.flatMap((pair) => reasonLines(pair, numberOf, style)),
    ];
  });
}

const NOTE = 'dumped from, restored to; migrations completed';

/** In blocks of columns where it is too wide. */
function matrix(
  one: Compatibility,
  numberOf: (name: string) => string,
  style: Style,
  destinations: readonly string[] = one.destinations,
): string[] {
  const rows = one.sources.map((source) => [
    `from ${numberOf(source)}`,
    ...destinations.map((destination) => pairText(pairOf(one, source, destination))),
  ]);
  const header = ['', ...destinations.map((name) => `to ${numberOf(name)}`)];
  const [head = '', ...lines] = table([header, ...rows], 'l'.repeat(header.length), style.width);
  if (destinations.length > 1 && [head, ...lines].some((line) => columnsOf(line) > style.width)) {
    const half = Math.ceil(destinations.length / 2);
    return [destinations.slice(0, half), destinations.slice(half)].flatMap((some) =>
      matrix(one, numberOf, style, some),
    );
  }
  return ['', paintOf(style).dim(head), ...lines];
}

function reasonLines(pair: Pair, numberOf: (name: string) => string, style: Style): string[] {
  const reasons = reasonsOf(pair);
  if (reasons.length === 0) return [];
  const [look, mark] = PAIR_LOOKS[pair.state];
  const left = reasons.length - REASONS_AT_MOST;
  return [
    '',
    `  ${inVerdictColour(paintOf(style), look, mark)} from ${numberOf(pair.source)} to ${numberOf(pair.destination)}`,
    ...reasons
      .slice(0, REASONS_AT_MOST)
      .flatMap((reason) => hang('      ', safeText(reason, 300), style.width)),
    ...(left > 0 ? [`      and ${left} more in the JSON`] : []),
  ];
}
