import { describe, expect, it } from 'vitest';
import { renderComparisonPage } from '../../../../harness/report/html/comparison/page.ts';
import { comparedOf, flaggedCompared } from '../../comparison/fixture.ts';
import { HOSTILE } from '../fixture.ts';
import { idsOf, PRINTABLE, tagsOf } from '../tags.ts';

const assets = { script: 'script();', style: 'p{}' };
const slower = comparedOf({ slowdown: 1.2 });
const pages = {
  slower: renderComparisonPage(slower, assets),
  same: renderComparisonPage(comparedOf(), assets),
  failing: renderComparisonPage(comparedOf({ failures: 12 }), assets),
  flagged: renderComparisonPage(
    flaggedCompared((text) => text),
    assets,
  ),
};

describe('the page of a comparison', () => {
  it('is what the golden file says', async () => {
    await expect(pages.slower).toMatchFileSnapshot('../../../golden/report/page-comparison.html');
  });

  it.each(Object.entries(pages))(
    'has an anchor for each link, and no two of the same name: %s',
    (_, page) => {
      const { ids, links } = idsOf(page);
      expect(new Set(ids).size).toBe(ids.length);
      expect(links.filter((id) => !ids.includes(id))).toEqual([]);
    },
  );

  it('is the same to the byte for the same runs, and has no script', () => {
    expect(renderComparisonPage(structuredClone(slower), assets)).toBe(pages.slower);
    expect(pages.slower).not.toMatch(/<script|script-src|\bstyle=|\son[a-z]+=|https?:\/\//);
  });

  it('says the verdict first, and each change with its interval', () => {
    const [, first] = /class="verdict fail"><strong>([^<]*)</.exec(pages.slower) ?? [];
    expect(first).toBe('✗ REGRESSED');
    for (const { change } of slower.comparison.cells[0]?.measurements ?? []) {
      if (change === null) continue;
      expect(pages.slower).toContain(`${(change.estimate * 100).toFixed(1)} %`);
    }
  });

  it('draws a dot for each migration of both sides', () => {
    const drawn = slower.comparison.cells[0]?.measurements.map(
      ({ base, candidate }) => base.values + candidate.values,
    );
    const strips = pages.slower.split('<article class="card">').slice(1);
    // More at one place than there are levels would be one dot; there are not so many here.
    expect(strips.map((text) => [...text.matchAll(/<circle /g)].length)).toEqual(drawn);
  });

  it('shows what is called as a square, and the rest in grey as a ring', () => {
    const marks = (page: string) =>
      [...page.matchAll(/<g class="([a-z]+)"><text class="name"[^>]*>([^<]*)<[\s\S]*?<\/g>/g)].map(
        ([all, look, label]) => [
          label,
          look,
          /<rect class="mark"/.test(all) ? 'square' : /class="ring"/.test(all) ? 'ring' : 'none',
        ],
      );
    expect(marks(pages.slower)).toContainEqual(['frozen window', 'fail', 'square']);
    expect(marks(pages.same)).toContainEqual(['frozen window', 'even', 'ring']);
  });

  it('counts failures by their cause, on both sides', () => {
    const [, row] = /<h3>Failed migrations<\/h3>.*?<tbody><tr>(.*?)<\/tr>/.exec(pages.failing) ?? [];
    expect(row).toMatch(
      /^<td>[a-z-]+ failed on rhel0[12]: .+<\/td><td class="r">0<\/td><td class="r">12<\/td>$/,
    );
  });

  it('flags an environment that differs, before all figures', () => {
    const at = pages.flagged.indexOf('DIFFERENT ENVIRONMENTS');
    expect(at).toBeGreaterThan(0);
    expect(at).toBeLessThan(pages.flagged.indexOf('<svg'));
    expect(pages.slower).not.toContain('DIFFERENT ENVIRONMENTS');
  });

  it('shows what scenarios, runs and hosts are called as text, whatever it is', () => {
    const evil = (text: string) => `${text}${HOSTILE}\x1b[31m\ud800${'x'.repeat(3_000)}`;
    const page = renderComparisonPage(flaggedCompared(evil), assets);
    expect(tagsOf(page)).toEqual(tagsOf(pages.flagged));
    expect(page.replaceAll(PRINTABLE, '')).toBe('');
  });
});
