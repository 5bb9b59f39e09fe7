/** What a stream and the environment allow: width, colour, and a line that may be replaced. */
import type { Style } from './style.ts';

// Text wraps there; some tables need up to 72 columns, and the terminal breaks their lines.
const NARROWEST = 40;
const WIDEST = 100;
const IN_A_PIPE = 80;

export interface Terminal extends Style {
  /** Whether the cursor may be moved. */
  live: boolean;
}

/** NO_COLOR (no-color.org) means no colour, `TERM=dumb` plain lines as well; so does a pipe, unless FORCE_COLOR asks. */
export function terminalOf(
  stream: { isTTY?: boolean; columns?: number },
  environment: Record<string, string | undefined>,
): Terminal {
  const is = (name: string) => (environment[name] ?? '') !== '';
  const dumb = environment.TERM === 'dumb';
  const plain = is('NO_COLOR') || dumb;
  const tty = stream.isTTY === true;
  const columns = tty ? (stream.columns ?? IN_A_PIPE) : IN_A_PIPE;
  return {
    width: Math.min(WIDEST, Math.max(NARROWEST, columns)),
    colour: !plain && (tty || (is('FORCE_COLOR') && environment.FORCE_COLOR !== '0')),
    live: tty && !dumb && !is('CI'),
  };
}
