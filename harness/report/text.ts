/** Text for a terminal: what hosts and servers said is made harmless here, and lines are fitted to a width. */
import { stripVTControlCharacters } from 'node:util';

/** What a terminal may be given as it is: letters, digits, punctuation, symbols and the plain space. */
const PRINTABLE = /^[\p{L}\p{N}\p{P}\p{S} ]$/u;

/** Characters that take two columns: East Asian scripts, full-width forms and pictures. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]$/u;

/**
 * One line of harmless text, at most `max` columns wide. Control characters, escape sequences, characters
 * that turn the writing direction or take no room, and broken UTF-16 are shown as escapes (`\x1b`), and what
 * does not fit is cut and marked by `…`. What services that keep the lines of a job obey (`::set-output …::`, `##vso[…]`)
 * is no command any more. Everything that a host, server or user said goes through here.
 */
export function safeText(text: string, max: number): string {
  return cut(escapeText(text), max);
}

/** `text` with its lines kept, each made harmless; after `maxLines` it says how many are left out. */
export function safeLines(text: string, maxColumns: number, maxLines: number): string[] {
  const lines = text.trimEnd().split(/\r?\n/);
  const shown = lines.slice(0, maxLines).map((line) => safeText(line, maxColumns));
  const left = lines.length - shown.length;
  return left > 0 ? [...shown, `(${left} more ${left === 1 ? 'line' : 'lines'})`] : shown;
}

/** Columns that a text takes on a terminal; escape sequences of our own colours take none. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of stripVTControlCharacters(text)) columns += WIDE.test(character) ? 2 : 1;
  return columns;
}

export function padRight(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)));
}

export function padLeft(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - columnsOf(text))) + text;
}

/** Cuts a plain text (no escape sequences) to `max` columns and marks the cut. */
export function cut(text: string, max: number): string {
  if (columnsOf(text) <= max) return text;
  let kept = '';
  let columns = 0;
  for (const character of text) {
    columns += columnsOf(character);
    if (columns > max - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

/** Breaks a plain text at spaces into lines of at most `width` columns; a longer word is broken anywhere. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((long) => breakWord(long, width))) {
    if (line === '') line = word;
    else if (columnsOf(line) + 1 + columnsOf(word) <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/** `wrap` with a first-line prefix; the following lines are indented as far as the prefix is wide. */
export function hang(prefix: string, text: string, width: number): string[] {
  const indent = columnsOf(prefix);
  return wrap(text, Math.max(20, width - indent)).map((line, index) =>
    index === 0 ? prefix + line : ' '.repeat(indent) + line,
  );
}

/** `PASS  what came out`: the word first, in whatever dress; the text is hung below it. */
export function headlined(
  word: string,
  text: string,
  width: number,
  dress: (word: string) => string,
): string[] {
  const [first = '', ...rest] = hang(`${word}  `, text, width);
  return [dress(word) + first.slice(word.length), ...rest];
}

/** Columns lined up: `l` left, `r` right; the gap shrinks from 3 to 1 where `width` asks for it. */
export function table(rows: readonly string[][], align: string, width: number): string[] {
  const widths = [...align].map((_, column) => Math.max(...rows.map((row) => columnsOf(row[column] ?? ''))));
  const total = widths.reduce((sum, columns) => sum + columns, 0);
  const gap = Math.min(3, Math.max(1, Math.floor((width - 2 - total) / Math.max(1, widths.length - 1))));
  return rows.map((row) => {
    const cells = widths.map((columns, column) =>
      (align[column] === 'r' ? padLeft : padRight)(row[column] ?? '', columns),
    );
    return `  ${cells.join(' '.repeat(gap))}`.trimEnd();
  });
}

function escapeText(text: string): string {
  let safe = '';
  for (const character of text.replaceAll(COMMANDS, shown))
    safe += PRINTABLE.test(character) ? character : escapeOf(character);
  return safe;
}

/** Of GitHub, at the beginning of a line; of Azure and TeamCity, anywhere. A text may be wrapped at any place. */
const COMMANDS = /::(?=[a-z][\w-]{0,60}(?: [^\n]{0,1000}?)?::)|##(?=[a-z]{0,20}\[)/gi;

function shown(sign: string): string {
  return sign === '::' ? ':\\x3a' : '#\\x23';
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === '\n') return '\\n';
  if (character === '\t') return ' ';
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

function breakWord(word: string, width: number): string[] {
  if (columnsOf(word) <= width) return [word];
  const pieces: string[] = [];
  let piece = '';
  for (const character of word) {
    if (columnsOf(piece) + columnsOf(character) > width) {
      pieces.push(piece);
      piece = '';
    }
    piece += character;
  }
  return [...pieces, piece];
}
