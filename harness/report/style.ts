/** How text is dressed: colours are added to what is already readable without them. */
import pc from 'picocolors';
import type { VerdictState } from '../model.ts';
import { columnsOf, cut } from './text.ts';

export interface Style {
  /** Columns that a line may take. */
  width: number;
  colour: boolean;
}

export type Paint = ReturnType<typeof pc.createColors>;

export function paintOf(style: { colour: boolean }): Paint {
  return pc.createColors(style.colour);
}

export const MARKS: Record<VerdictState, string> = { pass: '✓', fail: '✗', unknown: '?' };

/** Text in the colour of a verdict. */
export function inVerdictColour(paint: Paint, state: VerdictState, text: string): string {
  switch (state) {
    case 'pass':
      return paint.green(text);
    case 'fail':
      return paint.red(text);
    case 'unknown':
      return paint.yellow(text);
  }
}

/** Bold heading of a section, with a note on the same line, which is cut where it is too long. */
export function heading(style: Style, title: string, note = ''): string {
  const paint = paintOf(style);
  if (note === '') return paint.bold(title);
  return `${paint.bold(title)}  ${paint.dim(cut(note, style.width - columnsOf(title) - 2))}`;
}
