import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launch, whyNoBrowser } from '../browser/chromium.ts';
import { inventory, settledInventory, whyNotHere } from './machine.ts';
import { scratch, start } from './thaw.ts';

const why = whyNotHere() ?? whyNoBrowser();
const limit = { timeout: 60_000 };

describe.skipIf(why !== null)(`--ui beside a real run${why === null ? '' : ` (skipped: ${why})`}`, () => {
  let browser: Browser;
  let place: ReturnType<typeof scratch>;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());
  beforeEach(() => {
    place = scratch();
  });
  afterEach(() => place.remove());

  /** A run that has told where its page is, and that page in a browser. */
  async function opened(count: number) {
    const run = start(
      [
        'run',
        'scenarios/httpd.yaml',
        '--ui',
        '--count',
        `${count}`,
        '--warm-up',
        '0',
        '--reports',
        place.path,
      ],
      { ownGroup: true },
    );
    let told = '';
    for (const stream of [run.child.stdout, run.child.stderr]) stream?.on('data', (chunk) => (told += chunk));
    const url = () => /http:\/\/127\.0\.0\.1:\d+\/[\w-]{40,}\//.exec(told)?.[0];
    await expect.poll(url, limit).toBeDefined();
    const page = await browser.newPage();
    await page.goto(url() as string);
    return { ...run, page, url: url() as string };
  }
  const migrations = (page: Page) => page.locator('#migrations tbody tr').count();
  const banner = async (page: Page) => (await page.textContent('.live')) ?? '';

  test('migrations come in one by one, and at the end it is the report of the run', async () => {
    const { page, ended, url } = await opened(3);
    await expect.poll(() => page.title(), limit).toBe('httpd: goes on - Thaw');
    await expect.poll(() => migrations(page), limit).toBeGreaterThan(0);
    await expect.poll(() => banner(page), limit).toMatch(/^Live: /);
    expect(listeners(Number(new URL(url).port))).toEqual(['127.0.0.1']);
    expect((await ended).status).toBe(0);
    await expect.poll(() => page.title(), limit).toMatch(/^httpd: (pass|fail|unknown) - Thaw$/);
    expect(await migrations(page)).toBe(3);
    await expect(fetch(url)).rejects.toThrow();
    await page.close();
  });

  test('Ctrl-C ends the run and its server, and the page shows what there was', async () => {
    const before = inventory();
    const { page, child, ended, url } = await opened(500);
    await expect.poll(() => migrations(page), limit).toBeGreaterThan(0);
    process.kill(-(child.pid as number), 'SIGINT');
    expect((await ended).status).toBe(130);
    await expect(fetch(url)).rejects.toThrow();
    expect(await migrations(page)).toBeGreaterThan(0);
    await page.close();
    expect(await settledInventory(before)).toEqual(before);
  });
});

/** The addresses on which a port is listened on, of either family, as the kernel tells. */
function listeners(port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local = '', , state]) => state === '0A' && local.endsWith(`:${hex}`))
      .map(([, local = '']) => {
        const address = local.split(':')[0] ?? '';
        const bytes = address.match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? [];
        return address.length === 8 ? bytes.reverse().join('.') : address;
      }),
  );
}
