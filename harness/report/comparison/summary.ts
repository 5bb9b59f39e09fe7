/** A comparison for a terminal; pure: the same comparison gives the same text. */
import type { Cell, Comparison, ComparisonVerdict, Difference } from '../../analysis/compare/comparison.ts';
import { counted } from '../numbers.ts';
import { heading, type Paint, paintOf, type Style } from '../style.ts';
import { hang, headlined, safeText } from '../text.ts';
import { changesSection } from './changes.ts';
import { mediansSection } from './medians.ts';
import { inVerdictColour, sentence } from './words.ts';

export function renderComparison(comparison: Comparison, style: Style): string {
  const sections = [
    headline(comparison, style),
    ...comparison.cells.flatMap((cell) => cellSections(cell, comparison, style)),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function headline(comparison: Comparison, style: Style): string[] {
  const paint = paintOf(style);
  return [
    ...dressed(comparison.verdict, sentence(comparison), style),
    paint.dim('  a regression is significant, and larger than the threshold'),
  ];
}

function dressed(verdict: ComparisonVerdict, text: string, style: Style): string[] {
  const paint = paintOf(style);
  const dress = (word: string): string => inVerdictColour(paint, verdict, paint.bold(word));
  return headlined(verdict.toUpperCase(), text, style.width, dress);
}

function cellSections(cell: Cell, comparison: Comparison, style: Style): string[][] {
  return [
    sides(cell, style),
    flagged(cell.differences, style),
    changesSection(cell, comparison, style),
    mediansSection(cell, style),
    notes(cell.notes, style),
  ];
}

function sides(cell: Cell, style: Style): string[] {
  const line = (name: string, { runs, toolchains, warmUps }: Cell['base'], migrations: number) =>
    hang(
      `  ${name}   `,
      runs.length === 0
        ? 'no run'
        : `${toolchains.map((one) => safeText(one, 300)).join(' | ')}; ${counted(migrations, 'migration')} of ${runs
            .map((id) => safeText(id, 60))
            .join(', ')}${warmUps === 0 ? '' : `, and ${counted(warmUps, 'warm-up')} left out`}`,
      style.width,
    );
  return [
    heading(style, safeText(cell.scenario, style.width)),
    ...line('base     ', cell.base, cell.failures.base.migrations),
    ...line('candidate', cell.candidate, cell.failures.candidate.migrations),
  ];
}

/** What was compared although it differs stands before every figure. */
function flagged(differences: readonly Difference[], style: Style): string[] {
  if (differences.length === 0) return [];
  const paint: Paint = paintOf(style);
  return [
    paint.yellow(paint.bold('Different environments')),
    ...differences.flatMap(({ what, base, candidate }) =>
      hang(`  ! ${safeText(what, 60)}: `, `${said(base)} against ${said(candidate)}`, style.width),
    ),
  ];
}

function said(values: readonly string[]): string {
  return values.map((value) => safeText(value, 200)).join(' | ');
}

function notes(texts: readonly string[], style: Style): string[] {
  if (texts.length === 0) return [];
  return [heading(style, 'Mind'), ...texts.flatMap((text) => hang('  ', safeText(text, 400), style.width))];
}
