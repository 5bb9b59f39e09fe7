/** A sweep for a terminal; pure: the same result gives the same text. */
import type { Estimate } from '../../analysis/sweep/fit.ts';
import type { CellResult, Cost, SweepResult } from '../../analysis/sweep/result.ts';
import { count, counted, fixed } from '../numbers.ts';
import { heading, inVerdictColour, MARKS, paintOf, type Style } from '../style.ts';
import { hang, headlined, safeText, table } from '../text.ts';
import { figureOf, figureText, notPassedOf, per } from './cells.ts';
import { compatibilitySections } from './compatibility.ts';
import { shortKey } from './names.ts';

/** `directory`: where it lies, as the user would write it. */
export function renderSweep(result: SweepResult, style: Style & { directory: string }): string {
  const sections = [
    headline(result, style),
    ...compatibilitySections(result, style),
    cellsSection(result, style),
    ...costsSections(result, style),
    notPassed(result, style),
    [
      'Sweep directory',
      `  ${style.directory}`,
      `  next: thaw report ${style.directory}`,
      '        shows this again',
    ],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function headline({ name, cells, rounds, planned, done, verdict }: SweepResult, style: Style): string[] {
  const migrations = cells.reduce((sum, cell) => sum + cell.migrations, 0);
  const failed = cells.reduce((sum, cell) => sum + cell.failed, 0);
  const text = `${safeText(name, 60)}: ${counted(cells.length, 'cell')} × ${counted(rounds, 'round')}, ${done} of ${counted(planned, 'run')}; ${counted(migrations, 'measured migration')}, ${failed} failed`;
  const paint = paintOf(style);
  const dress = (word: string): string => inVerdictColour(paint, verdict, paint.bold(word));
  return headlined(verdict.toUpperCase(), text, style.width, dress);
}

function axisName(key: string, axes: SweepResult['axes']): string {
  return safeText(
    shortKey(
      key,
      axes.map((axis) => axis.key),
    ),
    18,
  );
}

function cellsSection({ axes, cells }: SweepResult, style: Style): string[] {
  const header = [
    ...axes.map(({ key }) => axisName(key, axes)),
    'frozen window',
    '',
    'downtime',
    '',
    'lost',
    'n',
    '',
  ];
  const rows = cells.map((cell) => [
    ...axes.map(({ key }) => safeText(cell.values[key] ?? '', 18)),
    ...figureText(cell, 'frozen-window'),
    ...figureText(cell, 'downtime'),
    medianOf(cell, 'lost'),
    cell.failed === 0 ? `${cell.migrations}` : `${cell.migrations - cell.failed}/${cell.migrations}`,
    MARKS[cell.verdict],
  ]);
  const align = `${'l'.repeat(axes.length)}rlrlrrl`;
  const [head = '', ...lines] = table([header, ...rows], align, style.width);
  const each = ['frozen-window', 'downtime'].map((name) => {
    const most = Math.max(0, ...cells.map((cell) => figureOf(cell, name)?.uncertainty ?? 0));
    return `${name.replace('-', ' ')} up to ±${fixed(most, 1)} ms`;
  });
  return [
    heading(style, 'Cells', 'medians in ms with bootstrap 95 % intervals (from 6 on)'),
    paintOf(style).dim(head),
    ...lines,
    ...hang(
      '  ',
      `each value, at the median of its run: ${each.join(', ')}; n: measured migrations that completed`,
      style.width,
    ),
  ];
}

function medianOf(cell: CellResult, name: string): string {
  const median = figureOf(cell, name)?.median;
  return median === null || median === undefined ? '' : count(median);
}

/** A section for each axis that is a number. */
function costsSections({ axes, costs }: SweepResult, style: Style): string[][] {
  return axes.flatMap(({ key }) => {
    const own = costs.filter(({ axis }) => axis === key);
    return own.length === 0 ? [] : [costsOf(axisName(key, axes), own, style)];
  });
}

function costsOf(axis: string, costs: readonly Cost[], style: Style): string[] {
  const [{ unit } = { unit: '' }] = costs;
  const step = per(unit);
  const rows = costs.map(({ measurement, where, line }) => [
    measurement.replace('-', ' '),
    safeText(Object.values(where).join(' '), 24),
    shown(line.fixed, 1),
    intervalOf(line.fixed, 1),
    shown(line.slope, step),
    intervalOf(line.slope, step),
  ]);
  const each = `each ${step === 1 && unit !== '' ? '' : `${step} `}${unit}`.trim();
  const [head = '', ...lines] = table([['', '', 'fixed', '', each, ''], ...rows], 'llrlrl', style.width);
  return [
    heading(style, `What ${axis} costs`, 'in ms; least squares, 95 % by bootstrap'),
    paintOf(style).dim(head),
    ...lines,
  ];
}

function shown({ value }: Estimate, times: number): string {
  return fixed(value * times, 1);
}

function intervalOf({ ci95 }: Estimate, times: number): string {
  return ci95.map((one) => fixed(one * times, 1)).join('–');
}

/** Each cell that did not pass, with its reasons. */
function notPassed({ axes, cells }: SweepResult, style: Style): string[] {
  const told = cells.filter(({ verdict }) => verdict !== 'pass');
  if (told.length === 0) return [];
  return [
    heading(style, 'Not passed'),
    ...told.flatMap((cell) => {
      const name = axes
        .map(({ key }) => `${axisName(key, axes)} ${safeText(cell.values[key] ?? '', 40)}`)
        .join(', ');
      return [
        `  ${MARKS[cell.verdict]} ${name}`,
        ...notPassedOf(cell).flatMap((reason) => hang('      ', safeText(reason, 300), style.width)),
      ];
    }),
  ];
}
