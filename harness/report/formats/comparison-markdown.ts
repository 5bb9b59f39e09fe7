/** A comparison as Markdown of GitHub's kind, for a job's summary or a comment on a pull request. */
import type { Cell, Comparison, Group, MeasurementComparison } from '../../analysis/compare/comparison.ts';
import {
  changeText,
  fromNone,
  percent,
  percentInterval,
  pValue,
  sentence,
  VERDICT_MARKS,
} from '../comparison/words.ts';
import { labelOf } from '../measurements.ts';
import { formatOf } from '../numbers.ts';
import { plain, summary } from './markdown-text.ts';

export function comparisonMarkdown(comparison: Comparison): string {
  const { verdict, comparisons, threshold, cells } = comparison;
  const limit = `threshold ${Number((threshold * 100).toPrecision(6))} %, p after Holm over ${comparisons} comparisons`;
  return summary(
    [`**${verdict}**: ${plain(sentence(comparison))} (${limit})`, ...cells.map(cellOf)],
    'cells',
  );
}

function cellOf(cell: Cell): string {
  const { failures, measurements } = cell;
  return [
    `### ${plain(cell.scenario)}`,
    [sideOf('base', cell.base), sideOf('candidate', cell.candidate)].join('  \n'),
    ...flagged(cell),
    [
      '| | measurement | base | candidate | change | 95 % interval | p | verdict |',
      '|-|-|-:|-:|-:|-:|-:|-|',
      ...measurements.map(rowOf),
      line([
        VERDICT_MARKS[failures.verdict],
        'failed',
        `${failures.base.failed} of ${failures.base.migrations}`,
        `${failures.candidate.failed} of ${failures.candidate.migrations}`,
        percent(failures.change) || (failures.candidate.failed > 0 ? 'from none' : ''),
        '',
        pValue(failures.pAdjusted),
        failures.verdict,
      ]),
    ].join('\n'),
    ...cell.notes.map((note) => `> ${plain(note)}`),
  ].join('\n\n');
}

function sideOf(name: string, { runs, toolchains }: Cell['base']): string {
  if (runs.length === 0) return `${name}: no run`;
  return `${name}: ${plain(toolchains.join(' | '))} (${plain(runs.join(', '))})`;
}

function flagged({ differences }: Cell): string[] {
  if (differences.length === 0) return [];
  const lines = differences.map(
    ({ what, base, candidate }) =>
      `> - ${plain(what)}: ${plain(base.join(' | '))} against ${plain(candidate.join(' | '))}`,
  );
  return [['> [!WARNING]', '> The environments differ:', ...lines].join('\n')];
}

function rowOf(one: MeasurementComparison): string {
  return line([
    VERDICT_MARKS[one.verdict],
    labelOf(one.measurement),
    medianOf(one.base, one),
    medianOf(one.candidate, one),
    changeText(one) || fromNone(one),
    percentInterval(one.change),
    pValue(one.pAdjusted),
    one.verdict === 'unknown' ? `unknown: ${one.why}` : one.verdict,
  ]);
}

function medianOf({ median, medianCi95 }: Group, { unit }: MeasurementComparison): string {
  if (median === null) return 'unknown';
  const uncertainty = medianCi95 === null ? null : (medianCi95[1] - medianCi95[0]) / 20;
  const format = formatOf({ unit, max: median, uncertainty });
  return `${format.value(median)} ${format.unit}`.trim();
}

function line(cells: readonly string[]): string {
  return `| ${cells.map(plain).join(' | ')} |`;
}
