/** What `thaw doctor` and `thaw clean` found, as text. */
import type { Finding, VerdictState } from '../model.ts';
import { inVerdictColour, MARKS, paintOf, type Style } from './style.ts';
import { columnsOf, hang, padRight, safeText } from './text.ts';

/** What `thaw clean` removed, what it could not, and the runs that it left alone because they still run. */
export interface Cleaned {
  removed: string[];
  left: { what: string; why: string }[];
  running: string[];
}

const STATES: Record<Finding['state'], VerdictState> = { ok: 'pass', warning: 'unknown', problem: 'fail' };
const TEXT_AT_MOST = 400;

export function renderFindings(findings: readonly Finding[], style: Style): string {
  const paint = paintOf(style);
  const names = Math.max(0, ...findings.map((finding) => columnsOf(safeText(finding.what, 24))));
  const lines = findings.flatMap((finding) => {
    const state = STATES[finding.state];
    const prefix = `  ${MARKS[state]} ${padRight(safeText(finding.what, 24), names)}  `;
    const [first = '', ...rest] = hang(prefix, safeText(finding.found, TEXT_AT_MOST), style.width);
    const indent = ' '.repeat(columnsOf(prefix));
    const why = finding.state === 'ok' ? [] : hang(indent, safeText(finding.why, TEXT_AT_MOST), style.width);
    const next =
      finding.next === null ? [] : hang(`${indent}next: `, safeText(finding.next, TEXT_AT_MOST), style.width);
    return [`  ${inVerdictColour(paint, state, MARKS[state])}${first.slice(3)}`, ...rest, ...why, ...next];
  });
  return `${[...lines, '', conclusion(findings, style)].join('\n')}\n`;
}

export function renderCleaned(cleaned: Cleaned, options: Style & { dryRun: boolean }): string {
  const paint = paintOf(options);
  const { removed, left, running } = cleaned;
  if (removed.length + left.length + running.length === 0) return 'Nothing was left behind.\n';
  const text = (what: string) => safeText(what, TEXT_AT_MOST);
  const mark = options.dryRun ? '-' : MARKS.pass;
  const lines = [
    ...group(options.dryRun ? 'Would be removed' : 'Removed', removed.map(text), mark, options),
    ...group('Left, because it is in use by a run', running.map(text), '-', options),
    ...group(
      'Could not be removed',
      left.map((one) => `${text(one.what)}: ${text(one.why)}`),
      MARKS.fail,
      options,
    ),
  ];
  const end = left.length > 0 ? paint.red('Something is left: see above, then run `thaw clean` again.') : '';
  return `${[...lines, ...(end === '' ? [] : [end])].join('\n')}\n`;
}

function group(title: string, items: readonly string[], mark: string, style: Style): string[] {
  if (items.length === 0) return [];
  return [
    paintOf(style).bold(`${title} (${items.length})`),
    ...items.flatMap((item) => hang(`  ${mark} `, item, style.width)),
  ];
}

function conclusion(findings: readonly Finding[], style: Style): string {
  const paint = paintOf(style);
  const problems = findings.filter((finding) => finding.state === 'problem').length;
  const warnings = findings.filter((finding) => finding.state === 'warning').length;
  const also = warnings === 0 ? '' : `, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'} (?)`;
  if (problems === 0) return `${paint.green('Thaw can run here')}${also}.`;
  return `${paint.red('Thaw cannot run here yet')}: ${problems} ${problems === 1 ? 'problem' : 'problems'} (✗)${also}.`;
}
