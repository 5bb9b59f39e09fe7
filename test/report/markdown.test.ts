import { marked } from 'marked';
import { describe, expect, it } from 'vitest';
import { renderMarkdown } from '../../harness/report/markdown.ts';
import { emptyRecord, failingRecord, hostileRecord, passingRecord } from './fixture.ts';
import { HOSTILE } from './html/fixture.ts';

describe('a run as Markdown', () => {
  it.each([
    ['passing', passingRecord()],
    ['failing', failingRecord()],
    ['hostile', hostileRecord()],
    ['empty', emptyRecord()],
  ])('is what the golden file of the %s run says', async (name, record) => {
    await expect(renderMarkdown(record, 'run.svg')).toMatchFileSnapshot(
      `../golden/report/markdown-${name}.md`,
    );
  });

  it('has no picture where there is none', () => {
    expect(renderMarkdown(passingRecord(), null)).not.toContain('![');
  });

  it('takes no mark-up, mention or link from what hosts said', () => {
    const why = `${HOSTILE} ![x](http://x) [a](b) @all #1 www.x.y https://x | \`code\` **b**`;
    const record = { ...passingRecord(), verdicts: [{ check: 'c', state: 'fail' as const, why }] };
    const line = renderMarkdown(record, null)
      .split('\n')
      .find((text) => text.startsWith('| ✗ fail'));
    expect(line?.replaceAll(/&#\d+;/g, '')).not.toMatch(/[<>@#*`[\]!\\]|:\/\/|www\./);
    expect(line?.match(/ \| /g)).toHaveLength(2);
  });

  it.each([
    ['passing', passingRecord()],
    ['failing', failingRecord()],
    ['hostile', hostileRecord()],
  ])("is to a renderer of GitHub's Markdown tables, lists, text and one picture (%s)", (_, record) => {
    const page = marked.parse(renderMarkdown(record, 'run.svg'), { gfm: true, async: false });
    const tags = new Set([...page.matchAll(/<([a-z0-9]+)/gi)].map(([, tag]) => tag?.toLowerCase()));
    const ours = ['h2', 'p', 'ul', 'li', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'img', 'pre', 'code'];
    expect([...tags].filter((tag) => !ours.includes(tag ?? ''))).toEqual([]);
    expect(page.match(/<img [^>]*>/g)).toEqual(['<img src="run.svg" alt="Every request of the run">']);
    expect(page.match(/<tr>/g)).toHaveLength(
      // The headings, the three numbers, a check each, a host each.
      3 + 3 + record.verdicts.length + record.head.hosts.length,
    );
  });
});
