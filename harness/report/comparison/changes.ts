/** Each measurement of the candidate against the base, with what was concluded. */
import type { Cell, Comparison, ComparisonVerdict } from '../../analysis/compare/comparison.ts';
import { labelOf } from '../measurements.ts';
import { heading, paintOf, type Style } from '../style.ts';
import { hang, table } from '../text.ts';
import {
  changeText,
  fromNone,
  inVerdictColour,
  percent,
  percentInterval,
  pValue,
  VERDICT_MARKS,
} from './words.ts';

export function changesSection(cell: Cell, comparison: Comparison, style: Style): string[] {
  const { comparisons, threshold } = comparison;
  const { failures, measurements } = cell;
  if (measurements.length === 0) return unknowns(cell, style);
  const note = `threshold ${Number((threshold * 100).toPrecision(6))} %; p after Holm over ${comparisons}`;
  const header = ['', '', 'change', '95 % interval', 'p', ''];
  const rows = [
    ...measurements.map((one) => [
      VERDICT_MARKS[one.verdict],
      labelOf(one.measurement),
      changeText(one) || (fromNone(one) === '' ? '-' : 'from none'),
      percentInterval(one.change) || '-',
      pValue(one.pAdjusted),
      one.verdict,
    ]),
    [
      VERDICT_MARKS[failures.verdict],
      'failed',
      percent(failures.change) || (failures.candidate.failed > 0 ? 'from none' : '-'),
      '-',
      pValue(failures.pAdjusted),
      failures.verdict,
    ],
  ];
  const verdicts = [...measurements, failures].map(({ verdict }) => verdict);
  const [head = '', ...lines] = table([header, ...rows], 'llrrrl', style.width);
  const paint = paintOf(style);
  return [
    heading(style, 'Candidate against base', note),
    paint.dim(head),
    ...lines.map((line, index) => coloured(line, verdicts[index] as ComparisonVerdict, style)),
    ...unknowns(cell, style),
    ...explained(cell, comparison, style),
    ...apart(cell, style),
  ];
}

/** Colour where there is something to see; the rest stays plain. */
function coloured(line: string, verdict: ComparisonVerdict, style: Style): string {
  return verdict === 'no difference shown' ? line : inVerdictColour(paintOf(style), verdict, line);
}

/** Reasons, once for all that share one. */
function unknowns({ failures, measurements }: Cell, style: Style): string[] {
  const all = [...measurements, failures].filter(({ verdict }) => verdict === 'unknown');
  return [...new Set(all.map(({ why }) => why))].flatMap((why) => hang('  unknown: ', why, style.width));
}

/** Significant changes that are no larger than what runs of one side differ by. */
function explained({ measurements }: Cell, { alpha, threshold }: Comparison, style: Style): string[] {
  const said = measurements
    .filter(({ verdict }) => verdict === 'no difference shown')
    .filter(
      ({ pAdjusted, change }) => (pAdjusted ?? 1) < alpha && Math.abs(change?.estimate ?? 0) > threshold,
    )
    .map(({ measurement, changeByRuns }) => `${labelOf(measurement)} up to ${percent(changeByRuns)}`);
  if (said.length === 0) return [];
  return hang('  ', `runs of one side differ by enough to explain: ${said.join(', ')}`, style.width);
}

/** Why a change is not what the two medians say: of quick and slow freezings the sides may have had unequal shares. */
function apart({ measurements }: Cell, style: Style): string[] {
  const names = measurements
    .filter(({ strata }) => strata > 1)
    .map(({ measurement }) => labelOf(measurement));
  if (names.length === 0) return [];
  const text = `quick and slow freezings compared each with their like: ${names.join(', ')}`;
  return hang('  ', text, style.width).map((line) => paintOf(style).dim(line));
}
