/** Text in Markdown of GitHub's kind. */
import { safeText } from '../text.ts';

/** What hosts and users named is text, and neither Markdown nor HTML. */
export function plain(text: string): string {
  return safeText(text, 400).replaceAll(/[\\`*_{}[\]<>|#~&@]/g, (character) => `\\${character}`);
}
