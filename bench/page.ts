/**
 * Makes the page of a long run, and where FILE is given and Chromium is there, opens it: first paint, and how long a key
 * on the timeline takes to its new picture. `node --import tsx bench/page.ts [SAMPLES [FILE.html]]`.
 */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { mulberry32 } from '../harness/analysis/statistics.ts';
import type { Sample } from '../harness/model.ts';
import { collectSamples } from '../harness/report/html/columns.ts';
import { renderPage } from '../harness/report/html/page.ts';
import { pageAssets } from '../harness/store/assets.ts';
import { launch, whyNoBrowser } from '../test/browser/chromium.ts';
import { passingRecord } from '../test/report/fixture.ts';

const OPENED = 5;
const KEYS = ['+', '+', '+', '+', '+', 'ArrowRight', 'ArrowRight', '-', '-', 'Home'];

const count = Number(process.argv[2] ?? 1_000_000);
const file = process.argv[3];
const random = mulberry32(1);
const collected = collectSamples();

const begun = performance.now();
for (let n = 0; n < count; n++) collected.add(sample(n));
const packed = collected.pack();
const page = renderPage(passingRecord(), packed, pageAssets());
const seconds = (performance.now() - begun) / 1_000;

if (file !== undefined) writeFileSync(file, page);
console.log(`${count} samples, ${packed.entries} on the page: ${(page.length / 1e6).toFixed(1)} MB`);
console.log(
  `made in ${seconds.toFixed(1)} s, at most ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`,
);

const why = whyNoBrowser();
if (file !== undefined && why === null) {
  const browser = await launch();
  for (let i = 0; i < OPENED; i++) console.log(await openedIn(browser, pathToFileURL(resolve(file)).href));
  await browser.close();
} else console.log(why ?? 'no file was asked for, so none is opened');

/** In a context of its own, so that nothing is cached. */
async function openedIn(browser: Browser, url: string): Promise<string> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForSelector('html[data-ready]', { state: 'attached' });
  const paint = await page.evaluate<number>(
    `performance.getEntriesByName('first-contentful-paint')[0].startTime`,
  );
  const keys = await page.evaluate<number[]>(`(async () => {
    const timeline = document.querySelector('#timeline');
    const all = [];
    for (const key of ${JSON.stringify(KEYS)}) {
      await new Promise((resolve) => setTimeout(resolve, 600));
      const begun = performance.now();
      timeline.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      all.push(performance.now() - begun);
    }
    return all;
  })()`);
  await context.close();
  const [least, most] = [Math.min(...keys), Math.max(...keys)].map((ms) => ms.toFixed(0));
  return `first paint after ${paint.toFixed(0)} ms; a key's picture after ${least} to ${most} ms`;
}

/** A thousand requests a second; every 20 s the other host answers, after 0.2 s in which nobody does. */
function sample(n: number): Sample {
  const [due, since] = [n, n % 20_000];
  const sent = due + random() * 0.2;
  if (since < 200) {
    const kind = since < 100 ? 'reset' : 'refused';
    return {
      n,
      due,
      state: 'failed',
      sent,
      end: sent + random() * 60,
      kind,
      detail: kind,
      connection: n + 1,
    };
  }
  const end = sent + 0.3 + Math.exp(2 * random()) + (random() < 0.0005 ? 800 : 0);
  const host = Math.floor(n / 20_000) % 2 === 0 ? 'rhel01' : 'rhel02';
  return {
    n,
    due,
    state: 'answered',
    sent,
    firstByte: end,
    end,
    status: 200,
    host,
    bytes: 7,
    connection: n + 1,
  };
}
