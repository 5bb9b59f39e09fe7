import { describe, expect, it } from 'vitest';
import { bundle } from '../../../harness/report/html/bundle.ts';
import { embeddedJson, html, preformatted, raw } from '../../../harness/report/html/markup.ts';
import { HOSTILE } from './fixture.ts';

describe('markup', () => {
  it('escapes values, and takes markup as it is', () => {
    expect(html`<p title="${'a"b'}">${'<b>&'}${html`<i>${1}</i>`}${[raw('<br>'), "it's"]}</p>`.markup).toBe(
      '<p title="a&#34;b">&#60;b&#62;&#38;<i>1</i><br>it&#39;s</p>',
    );
  });

  it('shows control characters and what turns the writing direction', () => {
    expect(html`${'\x1b[2J\u202e\ud800\0'}`.markup).toBe('\\x1b[2J\\u{202e}\\u{d800}\\x00');
  });

  it('cuts what is very long', () => {
    expect(html`${'A'.repeat(100_000)}`.markup.length).toBe(2_000);
  });

  it('keeps the lines of preformatted text', () => {
    expect(preformatted('a <b>\n\x1bc\nd\ne\n', 80, 2).markup).toBe('a &#60;b&#62;\n\\x1bc\n(2 more lines)');
  });

  it('holds JSON that cannot end its element', () => {
    const { markup } = embeddedJson({ text: HOSTILE, broken: '\ud800' });
    expect(markup).not.toContain('<');
    expect(JSON.parse(markup)).toEqual({ text: HOSTILE, broken: '\ud800' });
  });
});

describe('the bundle', () => {
  it('puts modules into one scope', () => {
    const script = bundle([
      'export const a = 1;\r\n',
      "import {\n  a,\n} from './a.js';\nexport function b() {\n  return a;\n}\n",
    ]);
    expect(script).toBe("(() => {\n'use strict';\nconst a = 1;\n\nfunction b() {\n  return a;\n}\n})();\n");
  });

  it('refuses a script that would end itself', () => {
    expect(() => bundle(["const a = '</script>';\n"])).toThrow('the script of the page would end itself');
  });
});
