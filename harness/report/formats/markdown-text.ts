/** Text in Markdown of GitHub's kind. */
import { safeText } from '../text.ts';

/** What hosts and users named is text, and neither Markdown nor HTML. */
export function plain(text: string): string {
  return safeText(text, 400).replaceAll(/[\\`*_{}[\]<>|#~&@]/g, (character) => `\\${character}`);
}

/** That some of many are not told; nothing where all are. */
export function leftOut(left: number, what: string): string[] {
  return left > 0 ? [`${left} more ${what} are in the JSON`] : [];
}

/** Below the 1 MiB that a job's summary may have. */
const BYTES_AT_MOST = 1_000_000;

/** Parts of a text with a blank line between them, as many as a summary may have; what is left out is told. */
export function summary(parts: readonly string[], what: string): string {
  const kept: string[] = [];
  let bytes = 0;
  for (const part of parts) {
    bytes += Buffer.byteLength(part) + 2;
    if (bytes > BYTES_AT_MOST) break;
    kept.push(part);
  }
  return `${[...kept, ...leftOut(parts.length - kept.length, what)].join('\n\n')}\n`;
}
