import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunRecord } from '../../harness/model.ts';
import type { PackedSamples } from '../../harness/report/html/columns.ts';
import { renderPage } from '../../harness/report/html/page.ts';
import { pageAssets } from '../../harness/store/assets.ts';
import { emptyRecord, hostileRecord, passingRecord } from '../report/fixture.ts';
import { HOSTILE, packed, recordWithSpans, samplesOf } from '../report/html/fixture.ts';
import { launch, open, whyNoBrowser } from './chromium.ts';
import { itIsDarkAndPrints, itIsWhole, itKeepsOthersOut, LOOKS } from './whole.ts';

const why = whyNoBrowser();
const assets = pageAssets();
const pageOf = (record: RunRecord, samples: PackedSamples) => renderPage(record, samples, assets);
const samples = packed(samplesOf(1_700));
const lines = [1, 2, 9].map((number) => ({ number, text: HOSTILE.repeat(number), isError: number > 1 }));
const excerpts = new Map([[5, [{ log: 'restore.log', lines, left: 3 }]]]);
const failing = renderPage(recordWithSpans(), samples, assets, excerpts);
const pages: Record<string, string> = {
  passing: pageOf(passingRecord(), samples),
  failing,
  hostile: pageOf(hostileRecord(), packed(samplesOf(1_700, [HOSTILE, '\ud800"\'>', '=1+1'], HOSTILE))),
  empty: pageOf(emptyRecord(), packed([])),
};

describe.skipIf(why !== null)(`the page in Chromium${why === null ? '' : ` (skipped: ${why})`}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  itIsWhole(() => browser, pages);
  itKeepsOthersOut(() => browser, failing);
  itIsDarkAndPrints(() => browser, failing);

  it('shows the whole run, one migration, and the requests that were lost, by keys alone', async () => {
    const { page } = await open(browser, failing);
    await expect
      .poll(() => range(page))
      .toBe(
        '-0.17 s to 17.54 s: 11 migrations; requests: rhel01 780, rhel02 680, refused 103, reset 102, dropped 35',
      );
    await page.focus('#timeline');
    await page.keyboard.press(']');
    await expect.poll(() => range(page)).toContain('migration 1 (warm-up), rhel01 → rhel02');
    await page.keyboard.press('Home');
    await page.keyboard.press('l');
    await expect.poll(() => range(page)).toBe('due 0.000000 s · not sent: too many were in flight');
    await page.keyboard.press('.');
    await expect
      .poll(() => page.textContent('#tip'))
      .toBe('due 0.010000 s · sent +0 µs · refused: ECONNRESET, after 2.000 ms');
    await page.keyboard.press('Escape');
    await page.waitForSelector('#tip', { state: 'hidden' });
    await page.context().close();
  });

  it('zooms by the wheel once it was clicked, down to a single request, and pans by dragging', async () => {
    const { page } = await open(browser, failing, LOOKS.desktop);
    await page.click('[data-migration="3"]');
    await expect.poll(() => range(page)).toContain('migration 3, rhel01 → rhel02');
    const box = await page.locator('#timeline').boundingBox();
    if (box === null) throw new Error('the timeline has no box');
    const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    await page.mouse.move(middle.x, middle.y);
    const widths = [await width(page)];
    for (let turn = 0; turn < 12; turn++) await page.mouse.wheel(0, -300);
    widths.push(await width(page));
    expect(widths[1]).toBeLessThan((widths[0] ?? 0) / 100);
    const before = await range(page);
    await page.mouse.down();
    await page.mouse.move(middle.x + 200, middle.y, { steps: 4 });
    await page.mouse.up();
    expect(Number.parseFloat(await range(page))).toBeLessThan(Number.parseFloat(before));
    expect(await width(page)).toBeCloseTo(widths[1] ?? 0, 3);
    await page.context().close();
  });

  it('lets a page be scrolled past the timeline', async () => {
    const { page } = await open(browser, failing, LOOKS.desktop);
    await page.locator('#timeline').hover();
    const before = await range(page);
    await page.mouse.wheel(0, 300);
    await page.waitForFunction('scrollY > 0');
    await expect.poll(() => range(page)).toBe(before);
    await page.context().close();
  });

  it('draws each host in its own colour, and failures in theirs', async () => {
    const { page } = await open(browser, failing, LOOKS.desktop);
    await range(page);
    const colours = await page.evaluate(COLOURS_OF_CANVAS);
    const style = (name: string) =>
      page.evaluate(`getComputedStyle(document.body).getPropertyValue('--${name}')`);
    expect(colours).toEqual(expect.arrayContaining(await Promise.all(['h0', 'h1', 'lost'].map(style))));
    await page.context().close();
  });

  it('shows one waterfall at a time, and takes the timeline to it', async () => {
    const { page } = await open(browser, failing);
    const shown = () => page.$$eval('figure.waterfall:not([hidden])', (all) => all.map(({ id }) => id));
    expect(await shown()).toEqual(['waterfall-8']);
    await page.selectOption('#waterfall-choice', '5');
    expect(await shown()).toEqual(['waterfall-5']);
    await page.click('#waterfall-zoom');
    await expect.poll(() => range(page)).toContain('migration 5, rhel01 → rhel02, failed at restore');
    await page.context().close();
  });

  it('hands out the columns that it carries', async () => {
    const { page, complaints } = await open(browser, failing);
    const lines: Record<string, number> = {};
    for (const what of ['requests', 'measurements', 'outcomes']) {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.click(`[data-download="${what}"]`),
      ]);
      const text = readFileSync(await download.path(), 'utf8');
      lines[download.suggestedFilename()] = text.split('\r\n').length - 1;
    }
    expect([lines, complaints]).toEqual([
      {
        'httpd-2025-11-23T06-42-10Z-3f9c-requests.csv': 1_701,
        'httpd-2025-11-23T06-42-10Z-3f9c-measurements.csv': 11,
        'httpd-2025-11-23T06-42-10Z-3f9c-outcomes.csv': 6,
      },
      [],
    ]);
    await page.context().close();
  });
});

/** What the line below the timeline says, once it does not change any more. */
async function range(page: Page): Promise<string> {
  await page.waitForTimeout(400);
  return (await page.textContent('#timeline-range')) ?? '';
}

async function width(page: Page): Promise<number> {
  const [, from, to] = /^(-?[\d.]+) s to (-?[\d.]+) s/.exec(await range(page)) ?? [];
  return Number(to) - Number(from);
}

const COLOURS_OF_CANVAS = `(() => {
  const canvas = document.querySelector('#timeline');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const hex = (value) => value.toString(16).padStart(2, '0');
  const found = new Set();
  for (let i = 0; i < data.length; i += 4) found.add('#' + hex(data[i]) + hex(data[i + 1]) + hex(data[i + 2]));
  return [...found];
})()`;
