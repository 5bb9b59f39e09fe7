import { describe, expect, it } from 'vitest';
import { renderSweepPage } from '../../../../harness/report/html/sweep/page.ts';
import { HOSTILE } from '../fixture.ts';
import { idsOf, PRINTABLE, tagsOf } from '../tags.ts';
import { memoryView, skewView } from './fixture.ts';

const assets = { script: 'script();', style: 'p{}' };
const memory = renderSweepPage(memoryView(), assets);
const skew = renderSweepPage(skewView(), assets);

describe('the page of a sweep', () => {
  it.each(Object.entries({ memory, skew }))('is what the golden file says: %s', async (name, page) => {
    await expect(page).toMatchFileSnapshot(`../../../golden/report/page-sweep-${name}.html`);
  });

  it.each(Object.entries({ memory, skew }))('has an anchor for each link, and no script: %s', (_, page) => {
    const { ids, links } = idsOf(page);
    expect(new Set(ids).size).toBe(ids.length);
    expect(links.filter((id) => !ids.includes(id))).toEqual([]);
    expect(page).not.toMatch(/<script|script-src|\bstyle=|\son[a-z]+=|https?:\/\//);
  });

  it('is the same to the byte for the same runs', () => {
    expect(renderSweepPage(structuredClone(memoryView()), assets)).toBe(memory);
  });

  it('shows source × destination, with the cause of what fails and why the rest is unknown', () => {
    const cells = [...skew.matchAll(/<strong>(works|fails|unknown)<\/strong>.*?<\/td>/g)].map(
      ([all, state]) => [
        state,
        /it has no userfaultfd|it was not run|restore failed on rhel02/.exec(all)?.[0],
      ],
    );
    expect(cells).toEqual([
      ['works', undefined],
      ['fails', 'restore failed on rhel02'],
      ['unknown', 'it has no userfaultfd'],
      ['unknown', 'it was not run'],
    ]);
    expect(memory).not.toContain('Compatibility');
  });

  it('draws the fitted lines with their bands, each series in a look of its own', () => {
    const plots = [...memory.matchAll(/<figure class="card">.*?<\/figure>/gs)].map(([all]) => all);
    expect(plots.map((plot) => /<figcaption>([^<]*)/.exec(plot)?.[1])).toEqual([
      'frozen window by memory',
      'downtime by memory',
    ]);
    for (const plot of plots) {
      expect([...plot.matchAll(/class="band"/g)].length).toBe(2);
      expect([...plot.matchAll(/class="fit dash(\d)"/g)].map(([, dash]) => dash)).toEqual(['0', '1']);
      expect(plot).toMatch(/ms \([\d.-]+ – [\d.-]+\) for each 100 MiB/);
    }
  });

  it('tells a median with the same digits in the table and with its dots, however well others are known', () => {
    const view = memoryView();
    const cells = view.result.cells.map((cell, i) => ({
      ...cell,
      figures: cell.figures.map((figure) => ({ ...figure, uncertainty: i === 0 ? 0.05 : 60 })),
    }));
    const page = renderSweepPage({ ...view, result: { ...view.result, cells } }, assets);
    const told = page
      .match(/[\d.]+ ms(?=[^<]*<\/(?:td|span)>)/g)
      ?.filter((one) => Number.parseInt(one, 10) === 132);
    expect(told).toEqual(['132.00 ms', '132.00 ms']);
  });

  it('links each run that has a page', () => {
    const links = [...memory.matchAll(/<a href="(\.\/[^"]*)"/g)].map(([, href]) => href);
    expect(links).toEqual([0, 1, 2, 3, 4, 5].map((cell) => `./memory/${cell}/report.html`));
  });

  it('shows what scenarios, toolchains and hosts are called as text, whatever it is', () => {
    const evil = (text: string) => `${text}${HOSTILE}\x1b[31m\ud800${'x'.repeat(3_000)}`;
    const page = renderSweepPage(skewView(evil), assets);
    expect(tagsOf(page)).toEqual(tagsOf(skew));
    expect(page.replaceAll(PRINTABLE, '')).toBe('');
  });
});
