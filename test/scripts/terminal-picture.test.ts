import { describe, expect, it } from 'vitest';
import { terminalPicture } from '../../scripts/terminal-picture.ts';

describe('the picture of a terminal', () => {
  it('keeps columns and colours, and shows what was printed as text', () => {
    const svg = terminalPicture('\x1b[1m\x1b[32mPASS\x1b[39m\x1b[22m  <b>&\nsecond\n\n', 46);
    expect(
      [...svg.matchAll(/<text[^>]*x="([^"]+)" y="(\d+)"[^>]*?(?: fill="([^"]+)")?>([^<]*)</g)].map((m) =>
        m.slice(1),
      ),
    ).toEqual([
      ['8.4', '24', '#7ee787', 'PASS'],
      ['42.0', '24', undefined, '\u00a0\u00a0&lt;b&gt;&amp;'],
      ['8.4', '42', undefined, 'second'],
    ]);
  });

  it('has no more lines than it may', () => {
    expect(terminalPicture('one\ntwo\nthree', 2)).not.toContain('three');
  });
});
