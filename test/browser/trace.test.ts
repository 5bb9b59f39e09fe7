import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TraceEvent } from '../../harness/report/formats/trace-events.ts';
import { scratch } from '../store/fixture.ts';
import { launch, whyNoBrowser } from './chromium.ts';

const why = whyNoBrowser();
const speedscope = dirname(createRequire(import.meta.url).resolve('speedscope/package.json'));

describe.skipIf(why !== null)(`trace events in a viewer${why === null ? '' : ` (skipped: ${why})`}`, () => {
  let browser: Browser;
  let place: ReturnType<typeof scratch>;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());
  beforeEach(() => {
    place = scratch();
  });
  afterEach(() => place.clean());

  async function read(text: string) {
    const file = join(place.directory, 'run.trace.json');
    writeFileSync(file, text);
    const page = await browser.newPage();
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(`thrown: ${error.message}`));
    page.on('dialog', (dialog) => {
      said.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(pathToFileURL(join(speedscope, 'dist/release/index.html')).href);
    await page.setInputFiles('input[type=file]', file);
    const shown = () => page.evaluate<string>('document.body.innerText');
    await expect.poll(async () => `${await shown()} ${said.join('\n')}`).toMatch(/\(1\/\d+\)|dialog/);
    const first = await shown();
    await page.close();
    // What it says of itself and of drawing.
    const odd = said.filter((line) => !/^(speedscope v|WebGL|\[\.WebGL|Importing as|import: )/.test(line));
    return { first, odd, as: said.find((line) => line.startsWith('Importing as')) };
  }

  it('are read as such, without a complaint, each thread on its own', async () => {
    // test/report/formats/trace.test.ts keeps it what Thaw writes.
    const text = readFileSync('test/golden/report/run-small.trace.json', 'utf8');
    const { traceEvents } = JSON.parse(text) as { traceEvents: TraceEvent[] };
    const threads = new Set(
      traceEvents.filter(({ ph }) => ph === 'X').map(({ pid, tid }) => `${pid} ${tid}`),
    );
    const { first, odd, as } = await read(text);
    expect([odd, as]).toEqual([[], 'Importing as Trace Event Format profile']);
    expect(first).toContain('client, and what spans both hosts (pid 1), migrations');
    expect(first).toContain(`(1/${threads.size})`);
  });

  it('would be refused, were they none', async () => {
    const { odd } = await read('{"traceEvents": [{"ph": "X"}]}');
    expect(odd).not.toEqual([]);
  });
});
