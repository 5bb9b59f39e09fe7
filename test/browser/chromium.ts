/** Chromium as the distribution installs it, where there is one. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const found = PLACES.find((path) => existsSync(path));

/** Why pages cannot be looked at here; null where they can. */
export function whyNoBrowser(): string | null {
  return found === undefined ? 'no Chromium: apt-get install chromium' : null;
}

export async function launch(): Promise<Browser> {
  // Its sandbox does not work for root and in containers; the pages are our own.
  return chromium.launch({ executablePath: found ?? '', args: ['--no-sandbox'] });
}

export interface Opened {
  page: Page;
  /** What the page wrote to its console, what it threw, and what it asked the network for. */
  complaints: string[];
}

/** A page from a file, as a person opens it, once its script is done. */
export async function open(
  browser: Browser,
  html: string,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const directory = mkdtempSync(join(tmpdir(), 'thaw-page-'));
  const context = await browser.newContext({ acceptDownloads: true, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`));
  page.on('request', (request) => {
    if (!/^(file|blob):/.test(request.url())) complaints.push(`asked for ${request.url()}`);
  });
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  try {
    const file = join(directory, 'report.html');
    writeFileSync(file, html);
    await page.goto(pathToFileURL(file).href);
    if (html.includes('<script>')) await page.waitForSelector('html[data-ready]', { state: 'attached' });
  } finally {
    rmSync(directory, { recursive: true });
  }
  return { page, complaints };
}
