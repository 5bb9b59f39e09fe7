import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Compared, renderComparisonPage } from '../../harness/report/html/comparison/page.ts';
import { indexAssets } from '../../harness/store/assets.ts';
import { comparedOf, flaggedCompared } from '../report/comparison/fixture.ts';
import { HOSTILE } from '../report/html/fixture.ts';
import { launch, open, whyNoBrowser } from './chromium.ts';
import { itIsDarkAndPrints, itIsWhole, itKeepsOthersOut } from './whole.ts';

const why = whyNoBrowser();
const evil = (text: string) => `${text}${HOSTILE}\x1b[31m\ud800${'x'.repeat(3_000)}`;
const pageOf = (compared: Compared) => renderComparisonPage(compared, indexAssets());
const pages = {
  slower: pageOf(comparedOf({ slowdown: 1.2 })),
  failing: pageOf(comparedOf({ failures: 12 })),
  hostile: pageOf(flaggedCompared(evil)),
};

describe.skipIf(why !== null)(`a comparison in Chromium${why === null ? '' : ` (skipped: ${why})`}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  itIsWhole(() => browser, pages);
  itKeepsOthersOut(() => browser, pages.slower);
  itIsDarkAndPrints(() => browser, pages.slower);

  it('shows the verdict and the figures on the first screen, and what is not significant in grey', async () => {
    const { page } = await open(browser, pages.slower, { viewport: { width: 1280, height: 900 } });
    const [verdict, cards] = [page.locator('.verdict'), page.locator('.number')];
    expect(await verdict.textContent()).toMatch(/^✗ REGRESSED/);
    expect(await cards.count()).toBe(3);
    for (const one of [verdict, ...(await cards.all())]) {
      const box = await one.boundingBox();
      expect((box?.y ?? 900) + (box?.height ?? 0)).toBeLessThan(900);
    }
    const colourOf = (look: string) =>
      page.evaluate(`getComputedStyle(document.querySelector('.forest g.${look} text.name')).fill`);
    expect([await colourOf('even'), await colourOf('fail')]).toEqual([
      'rgb(87, 96, 106)',
      'rgb(179, 49, 11)',
    ]);
    await page.context().close();
  });
});
