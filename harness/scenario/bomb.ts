/** YAML that would take minutes or all memory to read, told by its tokens, before anything is made of them. */
import { Lexer } from 'yaml';

/** Far more than the largest suite has; a long text is one token. */
const TOKENS_AT_MOST = 100_000;
const DEPTH_AT_MOST = 64;

/** Where, and why; null where the text may be parsed. */
export function bombIn(text: string): { offset: number; message: string } | null {
  let tokens = 0;
  let offset = 0;
  let flow = 0;
  let inRow = 0;
  let begins = true;
  for (const token of new Lexer().lex(text)) {
    tokens++;
    if (OPENS.has(token)) flow++;
    if (CLOSES.has(token)) flow--;
    // `- - - x` is a list in a list in a list; what is below it stands on lines of its own, at least as far to the right.
    if (NESTS.has(token)) inRow++;
    else if (!BLANK.test(token)) inRow = 0;
    if (flow > DEPTH_AT_MOST || inRow > DEPTH_AT_MOST || (begins && isIndented(token))) {
      return { offset, message: `lies too deep: at most ${DEPTH_AT_MOST} levels are read` };
    }
    if (tokens > TOKENS_AT_MOST) {
      return { offset, message: `there is too much: at most ${TOKENS_AT_MOST} words and signs are read` };
    }
    begins = token.endsWith('\n');
    if (!MARKS.has(token)) offset += token.length;
  }
  return null;
}

const OPENS = new Set(['[', '{']);
const CLOSES = new Set([']', '}']);
const NESTS = new Set(['-', '?', ':']);
const BLANK = /^[ \t]*$/;
/** What the lexer puts in by itself: byte order mark, document, flow-end error, scalar. */
const MARKS = new Set(['\u0002', '\u0018', '\u001f']);

/** A level of a block takes a column at least. */
function isIndented(token: string): boolean {
  return token.length > 4 * DEPTH_AT_MOST && /^ +$/.test(token);
}
