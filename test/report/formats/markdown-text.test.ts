import { marked } from 'marked';
import { describe, expect, it } from 'vitest';
import { plain } from '../../../harness/report/formats/markdown-text.ts';
import { renderMarkdown } from '../../../harness/report/markdown.ts';
import { passingRecord } from '../fixture.ts';
import { HOSTILE } from '../html/fixture.ts';

/** As GitHub looks at a page: what its text nodes hold once entities are read. */
function textOf(markdown: string): string {
  const page = marked.parse(markdown, { gfm: true, async: false });
  const text = page.replaceAll(/<[^>]*>/g, '\0');
  return text
    .replaceAll(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}

const MENTION = /(?:^|[^\w])@[a-z0-9]/i;
const REFERENCE = /#\d/;
const SAID = `@octocat, @org/team, mail@example.org #12 owner/x#3 https://x.y www.x.y HTTP://X WWW.X \\@a ${HOSTILE}`;

const record = { ...passingRecord(), verdicts: [{ check: 'c', state: 'fail' as const, why: SAID }] };

describe.each([
  ['a summary', `- ${plain(SAID)}`],
  ['a report', renderMarkdown(record, null)],
])('what hosts said in %s', (_, markdown) => {
  it('mentions nobody and no issue, by what GitHub reads of the page', () => {
    const text = textOf(markdown);
    expect(text).toContain('@\u200boctocat');
    expect(text).toContain('#\u200b12');
    expect(text).not.toMatch(MENTION);
    expect(text).not.toMatch(REFERENCE);
  });

  it('is otherwise the text that it was, and no link, picture or markup', () => {
    const page = marked.parse(markdown, { gfm: true, async: false });
    expect(page).not.toMatch(/<(?:a|img|script)\b/i);
    expect(textOf(markdown).replaceAll('\u200b', '')).toContain(SAID);
  });
});
