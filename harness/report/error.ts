/** What a user is told when something was thrown. */
import { ThawError } from '../errors.ts';
import { paintOf } from './style.ts';
import { safeLines, safeText } from './text.ts';

/** Errors of a whole scenario come at once, one a line; a transcript never floods the terminal. */
const LINES_AT_MOST = 60;
const COLUMNS_AT_MOST = 2000;

/** A ThawError as `thaw: what` and `next: …`; anything else is a bug, with its stack and where to tell. */
export function renderError(error: unknown, style: { colour: boolean }): string {
  const paint = paintOf(style);
  if (error instanceof ThawError) {
    const [first = '', ...rest] = safeLines(error.message, COLUMNS_AT_MOST, LINES_AT_MOST);
    const next = error.next === null ? [] : safeLines(error.next, COLUMNS_AT_MOST, LINES_AT_MOST);
    return [
      `${paint.red('thaw:')} ${first}`,
      ...rest,
      ...next.map((line, index) => (index === 0 ? `${paint.bold('next:')} ${line}` : `      ${line}`)),
    ].join('\n');
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : `thrown: ${describe(error)}`;
  return [
    `${paint.red('thaw: this is a bug in Thaw, not in what you did')}`,
    ...safeLines(stack, COLUMNS_AT_MOST, LINES_AT_MOST).map((line) => `  ${line}`),
    ...causeLines(error),
    `${paint.bold('next:')} please open an issue with the lines above, the output of \`thaw doctor --json\`,`,
    '      and the run directory if there is one; then run `thaw clean`',
  ].join('\n');
}

function causeLines(error: unknown): string[] {
  if (!(error instanceof Error) || error.cause === undefined) return [];
  return [`  caused by: ${safeText(describe(error.cause), COLUMNS_AT_MOST)}`];
}

function describe(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value !== 'object' || value === null) return String(value);
  try {
    return JSON.stringify(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
