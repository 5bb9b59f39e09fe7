import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderSweepPage } from '../../harness/report/html/sweep/page.ts';
import { indexAssets } from '../../harness/store/assets.ts';
import { HOSTILE } from '../report/html/fixture.ts';
import { memoryView, skewView } from '../report/html/sweep/fixture.ts';
import { launch, open, whyNoBrowser } from './chromium.ts';
import { itIsDarkAndPrints, itIsWhole, itKeepsOthersOut } from './whole.ts';

const why = whyNoBrowser();
const evil = (text: string) => `${text}${HOSTILE}\x1b[31m\ud800${'x'.repeat(3_000)}`;
const pages = {
  memory: renderSweepPage(memoryView(), indexAssets()),
  skew: renderSweepPage(skewView(), indexAssets()),
  hostile: renderSweepPage(skewView(evil), indexAssets()),
};

describe.skipIf(why !== null)(`a sweep in Chromium${why === null ? '' : ` (skipped: ${why})`}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  itIsWhole(() => browser, pages);
  itKeepsOthersOut(() => browser, pages.memory);
  itIsDarkAndPrints(() => browser, pages.memory);

  it('has a table that says to a screen reader which toolchain a cell is of', async () => {
    const { page } = await open(browser, pages.skew);
    const table = page.getByRole('table', { name: 'source ↓, destination →' });
    expect(await table.getByRole('columnheader').count()).toBe(2);
    const names = await table.getByRole('rowheader').allTextContents();
    expect(names.map((name) => name.slice(0, 3))).toEqual(['new', 'old']);
    await page.context().close();
  });

  it('draws each band around its line, inside of the drawing', async () => {
    const { page } = await open(browser, pages.memory);
    for (const plot of await page.locator('svg.scaling').all()) {
      const whole = await plot.boundingBox();
      for (const one of await plot.locator('.band').all()) {
        const box = await one.boundingBox();
        expect(box && whole && box.x >= whole.x && box.x + box.width <= whole.x + whole.width).toBe(true);
        expect(box && whole && box.y >= whole.y && box.y + box.height <= whole.y + whole.height).toBe(true);
      }
    }
    await page.context().close();
  });
});
