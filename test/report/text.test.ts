import { describe, expect, it } from 'vitest';
import { columnsOf, hang, safeLines, safeText, table, wrap } from '../../harness/report/text.ts';

describe('text from elsewhere', () => {
  it.each([
    ['rhel01', 'rhel01'],
    ['\u001b[31mred\u0007', '\\x1b[31mred\\x07'],
    ['a\nb\tc\rd', 'a\\nb c\\x0dd'],
    ['\u009b2J', '\\x9b2J'],
    ['\u202eevil\u2066', '\\u{202e}evil\\u{2066}'],
    ['zero\u200bwidth\u00ad', 'zero\\u{200b}width\\xad'],
    ['\ud800', '\\u{d800}'],
    ['Größe → 漢字 ±5 %', 'Größe → 漢字 ±5 %'],
    ['e\u0301', 'e\\u{301}'],
    ['::set-output name=a::b', ':\\x3aset-output name=a::b'],
    ['a::ERROR::b', 'a:\\x3aERROR::b'],
    ['##vso[task.setvariable variable=a]b', '#\\x23vso[task.setvariable variable=a]b'],
    ['##[add-mask]a ##teamcity[x]', '#\\x23[add-mask]a #\\x23teamcity[x]'],
    ['::1 fd00::1:2 a::b ## x', '::1 fd00::1:2 a::b ## x'],
    ['', ''],
  ])('%j is shown as %j', (text, shown) => {
    expect(safeText(text, 100)).toBe(shown);
  });

  it('is cut to the columns it may take, wide characters counted as two', () => {
    expect(safeText('abcdef', 6)).toBe('abcdef');
    expect(safeText('abcdefg', 6)).toBe('abcde…');
    expect(safeText('漢字漢字', 6)).toBe('漢字…');
    expect(columnsOf('漢字…')).toBe(5);
  });

  it('keeps its lines, and says how many are left out', () => {
    expect(safeLines('one\r\ntwo\u001b[2J\nthree\nfour\n', 20, 2)).toEqual([
      'one',
      'two\\x1b[2J',
      '(2 more lines)',
    ]);
    expect(safeLines('one\ntwo', 20, 1)).toEqual(['one', '(1 more line)']);
  });
});

describe('lines', () => {
  it('are broken at spaces, and inside of a word only where it is longer than a line', () => {
    expect(wrap('the quick brown fox', 10)).toEqual(['the quick', 'brown fox']);
    expect(wrap('abcdefghijkl mn', 5)).toEqual(['abcde', 'fghij', 'kl mn']);
    expect(wrap('', 10)).toEqual(['']);
  });

  it('hang below the end of their prefix', () => {
    expect(hang('  - ', 'the quick brown fox jumps over', 24)).toEqual([
      '  - the quick brown fox',
      '    jumps over',
    ]);
  });

  it('of a table line up, with a smaller gap where the width asks for it', () => {
    const rows = [
      ['a', '1'],
      ['bcd', '100'],
    ];
    expect(table(rows, 'lr', 80)).toEqual(['  a       1', '  bcd   100']);
    expect(table(rows, 'lr', 9)).toEqual(['  a     1', '  bcd 100']);
  });
});
