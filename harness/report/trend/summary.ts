/** A trend for a terminal; pure: the same trend gives the same text. */
import type { CellTrend, Series, Trend } from '../../analysis/trend/model.ts';
import { inVerdictColour, percent, VERDICT_MARKS } from '../comparison/words.ts';
import { labelOf } from '../measurements.ts';
import { count, counted, fixed, formatOf } from '../numbers.ts';
import { heading, paintOf, type Style } from '../style.ts';
import { cut, hang, headlined, safeText, table } from '../text.ts';
import { sparkline } from './sparkline.ts';
import { changeText, minute, nameOf, versionsText } from './words.ts';

export function renderTrend(trend: Trend, style: Style): string {
  const sections = [
    headline(trend, style),
    ...trend.cells.flatMap((cell) => [cellSection(cell, style), changesSection(cell, style)]),
    notesSection(trend.notes, style),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function headline({ verdict, cells, tests, alpha, threshold }: Trend, style: Style): string[] {
  const runs = cells.reduce((sum, cell) => sum + cell.runs.length, 0);
  const paint = paintOf(style);
  const dress = (word: string): string => inVerdictColour(paint, verdict, paint.bold(word));
  const text = `${counted(runs, 'run')} of ${counted(cells.length, 'cell')}: ${newest(cells)}`;
  const rule = `alpha ${alpha} after Holm over ${counted(tests, 'test')}, threshold ${Number((threshold * 100).toPrecision(6))} %`;
  return [...headlined(verdict.toUpperCase(), text, style.width, dress), paint.dim(`  ${rule}`)];
}

/** How many series ended in which way; those first that somebody must look at. */
function newest(cells: readonly CellTrend[]): string {
  const all = cells.flatMap(({ series }) => series);
  if (all.length === 0) return 'nothing was measured';
  return (['regressed', 'unknown', 'improved', 'no difference shown'] as const)
    .map((verdict) => ({ verdict, series: all.filter((one) => one.verdict === verdict).length }))
    .filter(({ series }) => series > 0)
    .map(({ verdict, series }) => `${series} ${verdict}`)
    .join(', ');
}

const SPARKLINE = 24;

function cellSection(cell: CellTrend, style: Style): string[] {
  const { runs, series, toolchain, environment } = cell;
  const rows = series.map((one) => [
    VERDICT_MARKS[one.verdict],
    labelOf(one.measurement),
    ...endsOf(one),
    sparkline(
      one.points.map(({ median }) => median),
      SPARKLINE,
    ),
    `${one.changes.length || '-'}`,
    percent(one.changes.at(-1)?.change?.estimate ?? null) || '-',
  ]);
  const header = ['', '', 'first', 'last', '', '', 'changes', 'newest'];
  const [head = '', ...lines] = table([header, ...rows], 'llrrllrr', style.width);
  const paint = paintOf(style);
  const migrations = runs.reduce((sum, run) => sum + run.migrations, 0);
  const failed = runs.reduce((sum, run) => sum + run.failed, 0);
  const from = `${minute(runs[0]?.startedAt ?? '')} to ${minute(runs.at(-1)?.startedAt ?? '')}`;
  return [
    heading(style, cut(nameOf(cell), style.width)),
    ...hang(
      '  ',
      `${counted(runs.length, 'run')}, ${from}: ${counted(migrations, 'migration')}, ${failed} failed; toolchain ${safeText(toolchain, 60)}, environment ${safeText(environment, 12)}`,
      style.width,
    ),
    paint.dim(head),
    ...lines.map((line, i) => {
      const { verdict } = series[i] as Series;
      return verdict === 'no difference shown' ? line : inVerdictColour(paint, verdict, line);
    }),
    ...unknowns(series, style),
  ];
}

/** The first and the last median that is known, and their unit. */
function endsOf({ unit, points }: Series): [string, string, string] {
  const known = points.flatMap(({ median }) => median ?? []);
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined) return ['unknown', 'unknown', ''];
  if (unit === 'share') return [fixed(first * 100, 1), fixed(last * 100, 1), '%'];
  if (unit === 'requests') return [count(first), count(last), ''];
  const format = formatOf({ unit, max: Math.max(...known), uncertainty: null });
  return [format.value(first), format.value(last), format.unit];
}

/** Reasons, once for all that share one; and runs that did not measure something. */
function unknowns(series: readonly Series[], style: Style): string[] {
  const reasons = series.filter(({ verdict }) => verdict === 'unknown').map(({ why }) => why);
  const missing = series.flatMap(({ measurement, points }) => {
    const without = points.filter(({ median }) => median === null).length;
    return without === 0 ? [] : [`${labelOf(measurement)} in ${counted(without, 'run')}`];
  });
  return [
    ...[...new Set(reasons)].flatMap((why) => hang('  unknown: ', why, style.width)),
    ...(missing.length === 0 ? [] : hang('  not known: ', missing.join(', '), style.width)),
  ];
}

function changesSection(cell: CellTrend, style: Style): string[] {
  const lines = cell.series.flatMap(({ measurement, changes }) =>
    changes.flatMap((change) => [
      ...hang('  ', `${labelOf(measurement)} ${changeText(change)}`, style.width),
      ...hang('    ', versionsText(change.versions), style.width).map(paintOf(style).dim),
    ]),
  );
  return lines.length === 0 ? [] : [heading(style, cut(`Changes of ${nameOf(cell)}`, style.width)), ...lines];
}

function notesSection(notes: readonly string[], style: Style): string[] {
  if (notes.length === 0) return [];
  return [heading(style, 'Mind'), ...notes.flatMap((note) => hang('  ', safeText(note, 400), style.width))];
}
