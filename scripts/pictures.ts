/**
 * The pictures of README and docs, from real runs on this machine: `npm run pictures` (as root).
 * It runs httpd, httpd against an older runc, and a sweep of memory, and looks at their pages in headless Chromium.
 * With `--reports FOLDER` it keeps the runs there, and what is there already is not run again.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import type { Browser } from 'playwright-core';
import { launch, open, whyNoBrowser } from '../test/browser/chromium.ts';
import { LOOKS } from '../test/browser/whole.ts';
import { pictureOf, type Shot } from './page-picture.ts';
import { terminalPicture } from './terminal-picture.ts';

const ROOT = join(import.meta.dirname, '..');
const TERMINAL_LINES = 46;

const { values } = parseArgs({
  options: {
    to: { type: 'string', default: join(ROOT, 'docs/pictures') },
    reports: { type: 'string' },
    count: { type: 'string', default: '10' },
    against: { type: 'string', default: 'auto+runc=debian:trixie' },
    memory: { type: 'string', default: '16MiB,64MiB,256MiB' },
  },
});

const why = whyNoBrowser();
if (why !== null) throw new Error(`no pictures: ${why}`);
const reports = values.reports ?? mkdtempSync(join(tmpdir(), 'thaw-pictures-'));
const COMPARISON = join(reports, 'comparison.html');
try {
  await run();
  await draw(values.to);
} finally {
  if (values.reports === undefined) rmSync(reports, { recursive: true });
}

async function run(): Promise<void> {
  const common = ['--count', values.count, '--quiet', '--reports'];
  if (!existsSync(join(reports, 'httpd'))) await thaw('run', 'scenarios/httpd.yaml', ...common, reports);
  if (!existsSync(COMPARISON)) {
    const against = ['--against', values.against, '--html', COMPARISON];
    await thaw('run', 'scenarios/httpd.yaml', ...common, join(reports, 'against'), ...against);
  }
  if (!existsSync(join(reports, 'sweep-memory'))) await thaw('sweep', memorySweep(), ...common, reports);
}

async function draw(target: string): Promise<void> {
  const [httpd, swept] = [newestIn('httpd', /./), newestIn('sweep-memory', /^sweep-/)];
  // The same as what the run printed at its end, and their pages as this Thaw makes them.
  const terminal = await thaw('report', httpd);
  await thaw('report', swept);
  const page = readFileSync(join(httpd, 'report.html'), 'utf8');
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, 'terminal.svg'), terminalPicture(terminal, TERMINAL_LINES));
  const shots: Record<string, Shot> = {
    report: { page },
    'report-dark': { page, look: LOOKS.dark },
    timeline: { page, press: '[data-migration="1"]', part: '#timeline-section' },
    waterfall: { page, part: '#waterfall' },
    comparison: { page: readFileSync(COMPARISON, 'utf8') },
    sweep: { page: readFileSync(join(swept, 'report.html'), 'utf8') },
  };
  const browser = await launch();
  try {
    for (const [name, shot] of Object.entries(shots))
      await write(browser, join(target, `${name}.webp`), shot);
  } finally {
    await browser.close();
  }
}

async function write(browser: Browser, file: string, shot: Shot): Promise<void> {
  const { page, complaints } = await open(browser, shot.page, shot.look ?? LOOKS.desktop);
  const picture = await pictureOf(page, shot);
  await page.context().close();
  if (complaints.length > 0) throw new Error(`${file}: the page complains: ${complaints.join('; ')}`);
  writeFileSync(file, picture);
  console.log(`${file}: ${Math.ceil(picture.length / 1024)} KiB`);
}

/** What it prints, with colours. A check that failed can be shown as well, and so can too little to tell a difference. */
async function thaw(...args: string[]): Promise<string> {
  console.log(`thaw ${args.join(' ')}`);
  const ended = await execa(process.execPath, ['--import', 'tsx', 'harness/main.ts', ...args], {
    cwd: ROOT,
    env: { FORCE_COLOR: '1', NO_COLOR: '' },
    all: true,
    reject: false,
  });
  const shows =
    ended.exitCode === 0 || ended.exitCode === 1 || (ended.exitCode === 2 && args.includes('--against'));
  if (!shows) throw new Error(`thaw ${args.join(' ')} ended with ${ended.exitCode}:\n${ended.all}`);
  return ended.stdout;
}

function memorySweep(): string {
  const text = readFileSync(join(ROOT, 'scenarios/sweep-memory.yaml'), 'utf8');
  const sizes = '[16MiB, 64MiB, 256MiB]';
  if (!text.includes(sizes)) throw new Error(`scenarios/sweep-memory.yaml no longer has ${sizes}`);
  mkdirSync(reports, { recursive: true });
  const file = join(reports, 'sweep-memory.yaml');
  writeFileSync(file, text.replace(sizes, `[${values.memory.split(',').join(', ')}]`));
  return file;
}

function newestIn(folder: string, names: RegExp): string {
  const newest = readdirSync(join(reports, folder))
    .filter((name) => names.test(name))
    .sort()
    .at(-1);
  if (newest === undefined) throw new Error(`nothing was written to ${join(reports, folder)}`);
  return join(reports, folder, newest);
}
