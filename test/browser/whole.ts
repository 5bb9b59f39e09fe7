/** What holds of every page, whatever it shows: by a real browser, in several looks. */
import type { Browser, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { violations } from './axe.ts';
import { open } from './chromium.ts';

export const LOOKS = {
  desktop: { viewport: { width: 1280, height: 900 } },
  dark: { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
  phone: { viewport: { width: 360, height: 780 }, hasTouch: true },
} as const;

/** A test for each page, by its name, in each look. */
export function itIsWhole(browser: () => Browser, pages: Record<string, string>): void {
  for (const [name, html] of Object.entries(pages)) {
    for (const [look, options] of Object.entries(LOOKS)) {
      it(`is accessible, silent, and as wide as the window (${name}, ${look})`, async () => {
        const { page, complaints } = await open(browser(), html, options);
        expect(await violations(page)).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
        // What a name would have run had it been markup renames the page.
        const title = await page.evaluate('document.querySelector("title").textContent');
        expect([complaints, await page.title()]).toEqual([[], String(title).replaceAll(/\s+/g, ' ').trim()]);
        expect(title).not.toBe('owned');
        await page.context().close();
      });
    }
  }
}

/** A test that nothing can be put into the page that runs, looks different or is fetched. */
export function itKeepsOthersOut(browser: () => Browser, html: string): void {
  it('runs no script and loads no style but its own', async () => {
    const { page, complaints } = await open(browser(), html);
    const title = await page.title();
    const failures: (string | undefined)[] = [];
    page.on('requestfailed', (request) => failures.push(request.failure()?.errorText));
    await intrude(page);
    expect(await page.title()).toBe(title);
    expect(await page.isVisible('h1')).toBe(true);
    expect(complaints.filter((complaint) => complaint.includes('Content Security Policy')).length).toBe(3);
    expect(failures).toEqual(['csp']);
    await page.context().close();
  });
}

/** A test that in the dark it is dark, and on paper white and without what nobody can press. */
export function itIsDarkAndPrints(browser: () => Browser, html: string): void {
  it('is dark where that is asked for, and prints without its buttons', async () => {
    const { page } = await open(browser(), html, LOOKS.dark);
    const paper = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(await paper()).toBe('rgb(15, 19, 24)');
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('button:visible, select:visible').count()).toBe(0);
    expect(await paper()).toBe('rgb(255, 255, 255)');
    await page.context().close();
  });
}

async function intrude(page: Page): Promise<void> {
  await page.evaluate(`{
    const script = document.createElement('script');
    script.textContent = 'document.title = "owned"';
    const style = document.createElement('style');
    style.textContent = 'body { display: none }';
    const image = new Image();
    image.src = 'https://example.invalid/';
    document.body.append(script, style, image);
  }`);
  await page.waitForTimeout(200);
}
