/** Checks with their verdicts and the figures that decided. */
import type { RunRecord, Verdict, VerdictState } from '../../model.ts';
import { heading, inVerdictColour, MARKS, paintOf, type Style } from '../style.ts';
import { columnsOf, hang, padRight, safeText } from '../text.ts';

/** Worst first: what is wrong must not scroll away. */
const ORDER: VerdictState[] = ['fail', 'unknown', 'pass'];

export function verdictsSection(record: RunRecord, style: Style): string[] {
  const paint = paintOf(style);
  if (record.verdicts.length === 0) return [heading(style, 'Checks'), '  ? none was made'];
  const names = Math.max(...record.verdicts.map((verdict) => columnsOf(safeText(verdict.check, 26))));
  return [
    heading(style, 'Checks'),
    ...worstFirst(record).flatMap((verdict) => {
      const state = `${MARKS[verdict.state]} ${padRight(verdict.state, 7)}`;
      const prefix = `  ${state}  ${padRight(safeText(verdict.check, 26), names)}  `;
      const [first = '', ...rest] = hang(prefix, safeText(verdict.why, 400), style.width);
      return [`  ${inVerdictColour(paint, verdict.state, state)}${first.slice(2 + state.length)}`, ...rest];
    }),
  ];
}

/** The checks, what is wrong first. */
export function worstFirst(record: RunRecord): Verdict[] {
  return ORDER.flatMap((state) => record.verdicts.filter((verdict) => verdict.state === state));
}
