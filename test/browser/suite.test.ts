import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderSuitePage } from '../../harness/report/html/suite/page.ts';
import { indexAssets } from '../../harness/store/assets.ts';
import { HOSTILE } from '../report/html/fixture.ts';
import { manyCells, suiteView } from '../report/html/suite/fixture.ts';
import { launch, open, whyNoBrowser } from './chromium.ts';
import { itIsDarkAndPrints, itIsWhole, itKeepsOthersOut } from './whole.ts';

const why = whyNoBrowser();
const evil = (text: string) => `${text}${HOSTILE}\x1b[31m\ud800${'x'.repeat(3_000)}`;
const pages = {
  usual: renderSuitePage(suiteView(), indexAssets()),
  hostile: renderSuitePage(suiteView(evil), indexAssets()),
};

describe.skipIf(why !== null)(`a suite in Chromium${why === null ? '' : ` (skipped: ${why})`}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  itIsWhole(() => browser, pages);
  itKeepsOthersOut(() => browser, pages.hostile);
  itIsDarkAndPrints(() => browser, pages.usual);

  it('finds its way among ten thousand cells, by keys alone', async () => {
    const many = renderSuitePage({ ...suiteView(), result: manyCells(10_000) }, indexAssets());
    const { page, complaints } = await open(browser, many);
    const shown = () => page.locator('#run-table tbody tr:visible').count();
    const status = () => page.textContent('#shown');
    expect([await shown(), await status()]).toEqual([300, '10,000 of 10,000 cells, the first 300 shown']);
    await page.focus('#show-more');
    await page.keyboard.press('Enter');
    expect(await shown()).toBe(600);
    await page.focus('[data-filter=state]');
    await page.keyboard.press('f');
    await expect.poll(status).toMatch(/^1,66\d of 10,000 cells, the first 300 shown$/);
    await page.focus('[data-filter-text]');
    await page.keyboard.type('memory=77MiB');
    expect([await shown(), await status()]).toEqual([1, '1 of 10,000 cells']);
    expect(await page.isVisible('#show-more')).toBe(false);
    await page.focus('#filter-none');
    await page.keyboard.press('Enter');
    expect([await shown(), await status()]).toEqual([300, '10,000 of 10,000 cells, the first 300 shown']);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
