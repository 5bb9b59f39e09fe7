import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LivePage, openLivePage } from '../../harness/live-page/open.ts';
import { noProgress } from '../../harness/report/progress.ts';
import { type GoingRun, goingRun } from '../live-page/fixture.ts';
import { HOSTILE, samplesOf } from '../report/html/fixture.ts';
import { scratch } from '../store/fixture.ts';
import { violations } from './axe.ts';
import { launch, whyNoBrowser } from './chromium.ts';

const why = whyNoBrowser();

describe.skipIf(why !== null)(`a live page in Chromium${why === null ? '' : ` (skipped: ${why})`}`, () => {
  let browser: Browser;
  let place: ReturnType<typeof scratch>;
  let live: LivePage;
  let run: GoingRun;
  let page: Page;
  const complaints: string[] = [];
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    complaints.length = 0;
    place = scratch();
    live = await openLivePage();
    run = goingRun(place.directory);
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`));
    page.on('request', (request) => {
      if (!request.url().startsWith(live.url)) complaints.push(`asked for ${request.url()}`);
    });
    await page.goto(live.url);
  });
  afterEach(async () => {
    await page.close();
    await live.close('over');
    place.clean();
  });

  const says = (selector: string) => async () => (await page.textContent(selector)) ?? '';
  const banner = says('.live');
  const requests = async () => (await says('#timeline-range')()).replace(/^.*requests: /, '');
  const limit = { timeout: 15_000 };
  const samples = samplesOf(600);
  async function begin(): Promise<void> {
    run.add(samples.slice(0, 150));
    live.begun(run.directory);
    await page.waitForSelector('html[data-ready] #timeline', { state: 'attached' });
  }

  it('goes from nothing through a run to its report, in one window, and stays when its server has gone', async () => {
    expect(await says('h1')()).toBe('Not begun yet');
    live.beside(noProgress()).status('bringing the hosts up <b>');
    await expect.poll(banner, limit).toBe('Live: bringing the hosts up <b>');
    await begin();
    expect([await page.title(), await says('.verdict strong')()]).toEqual([
      'httpd: goes on - Thaw',
      '? GOES ON',
    ]);
    await expect.poll(requests, limit).toMatch(/^rhel01 130, refused/);
    run.add(samples.slice(150, 300));
    await expect.poll(requests, limit).toMatch(/^rhel01 130, rhel02 130, refused/);
    live.onPhase({ number: 1, source: 'rhel01', destination: 'rhel02', warmUp: false }, 'arm');
    await expect.poll(banner, limit).toBe('Live: migration 1, rhel01 → rhel02; shown when it is over');
    run.migrated(1);
    live.look(10_000);
    await expect.poll(says('#migrations tbody'), limit).toContain('rhel01 → rhel02');
    expect(await banner()).toBe('Live: between migrations');
    run.failed(2, `(00.002) Error (criu/sk-inet.c:1): ${HOSTILE}\n`);
    live.look(20_000);
    await expect.poll(says('#failures'), limit).toContain('Error (criu/sk-inet.c:1)');
    expect(await page.$$('#failures img, #failures script')).toEqual([]);
    // Nobody has scrolled it, so it is where it began.
    expect(await page.evaluate('scrollY')).toBe(0);
    run.add(samples.slice(300));
    run.migrated(3);
    await run.finish();
    live.ended();
    await expect.poll(() => page.title(), limit).toMatch(/^httpd: (pass|fail|unknown) - Thaw$/);
    expect(await live.close('Ended. This page stays.')).toBe(null);
    await expect.poll(banner, limit).toBe('Ended. This page stays.');
    await expect.poll(requests, limit).toContain('rhel02 260');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.click('[data-download="outcomes"]'),
    ]);
    expect(download.suggestedFilename()).toMatch(/-outcomes\.csv$/);
    expect(complaints).toEqual([]);
  });

  it('does not move what is looked at when more comes', async () => {
    await begin();
    await expect.poll(requests, limit).toContain('rhel01 130');
    await page.focus('#timeline');
    await page.keyboard.press('+');
    await page.keyboard.press('+');
    const range = async () => (await says('#timeline-range')()).replace(/:.*$/, '');
    await expect.poll(range, limit).not.toContain('0.00 s to');
    await page.waitForTimeout(400);
    const before = await range();
    run.add(samples.slice(150));
    run.migrated(1);
    live.look(10_000);
    await expect.poll(says('#migrations tbody'), limit).toContain('rhel01 → rhel02');
    await page.waitForTimeout(400);
    expect(await range()).toBe(before);
    expect(await page.evaluate('document.activeElement.id')).toBe('timeline');
    await page.keyboard.press('Home');
    await expect.poll(requests, limit).toContain('rhel02 260');
    expect(complaints).toEqual([]);
  });

  it('shows the same as a page that is opened later', async () => {
    await begin();
    run.add(samples.slice(150));
    run.migrated(1);
    live.look(10_000);
    await expect.poll(requests, limit).toContain('rhel02 260');
    await expect.poll(says('#migrations tbody'), limit).toContain('rhel01 → rhel02');
    const shown = () => page.$$eval('main > section', (all) => all.map((one) => one.textContent));
    const before = await shown();
    await page.reload();
    await page.waitForSelector('html[data-ready]', { state: 'attached' });
    await expect.poll(shown, limit).toEqual(before);
  });

  it('shows what hosts and servers said as text, also what comes later', async () => {
    await begin();
    run.add(samplesOf(300, [HOSTILE], HOSTILE).slice(150));
    await expect.poll(requests, limit).toContain('another name 130');
    await page.focus('#timeline');
    await page.keyboard.press('l');
    await page.waitForSelector('#tip:not([hidden])');
    expect(await page.title()).toBe('httpd: goes on - Thaw');
    expect(await page.$$('img, main script')).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('is accessible and as wide as the window, in the dark and on a phone', async () => {
    await begin();
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: 390, height: 780 });
    await expect.poll(requests, limit).toContain('rhel01 130');
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
  });

  it('may ask its own server, and nobody else', async () => {
    await begin();
    const asked = await page.evaluate(`Promise.all(
      ['http://127.0.0.1:9/', 'https://example.invalid/'].map((url) => fetch(url).then(() => 'answered', (e) => e.name)))`);
    expect(asked).toEqual(['TypeError', 'TypeError']);
    for (const url of ['http://127.0.0.1:9/', 'https://example.invalid/']) {
      expect(
        complaints.filter((one) => one.includes(url) && one.includes('Content Security Policy')),
      ).not.toEqual([]);
    }
  });
});
