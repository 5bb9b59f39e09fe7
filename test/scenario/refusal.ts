import { UsageError } from '../../harness/errors.ts';
import { parseScenario } from '../../harness/scenario/load.ts';

/** A scenario with only what is required, and the lines that a test adds. */
export const minimal = (more = ''): string =>
  `name: x\nbundle:\n  root: {path: /srv/root}\n  args: [/bin/server]\n${more}`;

/** What the user is told of a text that must be refused; other errors go through. */
export function refusal(text: string, file = 'x.yaml'): string {
  try {
    parseScenario(text, file);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error('it was not refused');
}

/** Only the lines that name a place, without the excerpts. */
export function told(text: string): string[] {
  return refusal(text)
    .split('\n')
    .filter((line) => /^x\.yaml:\d/.test(line));
}
