/** Comma-separated values. */
import { safeText } from '../text.ts';

/** As RFC 4180 has it, each row on one line; null and undefined are empty. */
export function csv(rows: readonly (readonly unknown[])[]): string {
  return rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

function field(value: unknown): string {
  if (typeof value === 'number') return String(value);
  const text = safeText(String(value ?? ''), Number.POSITIVE_INFINITY);
  // A spreadsheet would take a text that begins so for a formula.
  const harmless = /^[=+\-@]/.test(text) ? `'${text}` : text;
  return /[",]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
