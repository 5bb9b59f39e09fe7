/** Text in Markdown of GitHub's kind. */
import { safeText } from '../text.ts';

/** What hosts and users named is text, and neither Markdown nor HTML; it becomes no link and mentions nobody. */
export function plain(text: string): string {
  const escaped = safeText(text, 400)
    .replaceAll(/[\\`*_{}[\]<>|#~&@]/g, (character) => `\\${character}`)
    .replaceAll('://', '\\://')
    .replaceAll(/www\./gi, (www) => `${www.slice(0, 3)}\\.`);
  return unmentioning(escaped);
}

/**
 * GitHub looks for `@name` and `#12` in the text that a page shows, when escapes and entities have been read: nothing but a
 * character of no width between them keeps it from telling somebody (github/cmark-gfm#181).
 */
export function unmentioning(markdown: string): string {
  return markdown.replaceAll(/&#\d+;|[@#]/g, (sign) => (SIGNS.has(sign) ? `${sign}&#8203;` : sign));
}

const SIGNS = new Set(['@', '#', '&#64;', '&#35;']);

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
