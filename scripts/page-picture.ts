/** A page, or a part of it, as WebP. */
import type { BrowserContextOptions, Page } from 'playwright-core';

export interface Shot {
  /** HTML. */
  page: string;
  look?: BrowserContextOptions;
  /** What is pressed first; the first that is there. */
  press?: string;
  /** Only that; otherwise the first screen. */
  part?: string;
}

const QUALITY = 82;
const MARGIN = 8;

export async function pictureOf(page: Page, { press, part }: Shot): Promise<Buffer> {
  if (press !== undefined) await page.locator(press).first().click();
  if (press !== undefined) await page.mouse.move(0, 0);
  // What was asked for is drawn in the next frames.
  await page.waitForTimeout(500);
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', {
    format: 'webp',
    quality: QUALITY,
    captureBeyondViewport: part !== undefined,
    ...(part === undefined ? {} : { clip: { ...(await boxOf(page, part)), scale: 1 } }),
  });
  return Buffer.from(data, 'base64');
}

/** On the page, not in the window. */
async function boxOf(page: Page, part: string) {
  const box = await page.locator(part).boundingBox();
  if (box === null) throw new Error(`the page has no ${part}`);
  const { x, y } = await page.evaluate<{ x: number; y: number }>('({ x: scrollX, y: scrollY })');
  return {
    x: Math.max(0, box.x + x - MARGIN),
    y: Math.max(0, box.y + y - MARGIN),
    width: box.width + 2 * MARGIN,
    height: box.height + 2 * MARGIN,
  };
}
