import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderIndex } from '../../harness/report/html/index/page.ts';
import { indexAssets } from '../../harness/store/assets.ts';
import { HOSTILE } from '../report/html/fixture.ts';
import { indexOf } from '../report/html/index/fixture.ts';
import { launch, open, whyNoBrowser } from './chromium.ts';
import { itIsDarkAndPrints, itIsWhole, itKeepsOthersOut } from './whole.ts';

const why = whyNoBrowser();
const evil = (text: string) => `${text}${HOSTILE}\x1b[31m\ud800${'x'.repeat(3_000)}`;
const pages = {
  usual: renderIndex(indexOf(12), indexAssets()),
  hostile: renderIndex(indexOf(12, evil), indexAssets()),
  empty: renderIndex(indexOf(0), indexAssets()),
};

describe.skipIf(why !== null)(`the index in Chromium${why === null ? '' : ` (skipped: ${why})`}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  itIsWhole(() => browser, pages);
  itKeepsOthersOut(() => browser, pages.hostile);
  itIsDarkAndPrints(() => browser, pages.usual);

  it('is filtered by scenario and verdict, by keys alone, and shows all again', async () => {
    const { page } = await open(browser, pages.usual);
    const shown = () => page.locator('#run-table tbody tr:visible').count();
    expect([await shown(), await page.textContent('#shown')]).toEqual([12, '12 of 12 runs']);
    await page.focus('[data-filter=verdict]');
    await page.keyboard.press('f');
    await expect.poll(() => page.textContent('#shown')).toBe('3 of 12 runs');
    expect(await page.locator('#run-table tbody tr:visible td.fail').count()).toBe(3);
    await page.selectOption('[data-filter=scenario]', { label: 'httpd, httpd = httpd' });
    expect([await shown(), await page.textContent('#shown')]).toEqual([0, '0 of 12 runs']);
    await page.focus('#filter-none');
    await page.keyboard.press('Enter');
    expect(await shown()).toBe(12);
    await page.context().close();
  });

  it('links to the page of each run that has one, below itself, and to that of its sweep or suite', async () => {
    const { page } = await open(browser, pages.usual);
    const links = await page.$$eval('#run-table a', (all) => all.map((link) => link.getAttribute('href')));
    const own = Array.from({ length: 11 }, (_, i) => `./httpd/${11 - i}/report.html`);
    // The third run of the fixture is part of one.
    expect(links).toEqual([...own.slice(0, 10), './httpd/report.html', ...own.slice(10)]);
    await page.context().close();
  });
});
