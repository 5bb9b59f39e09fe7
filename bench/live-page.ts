/**
 * What `--ui` costs a migration: whole runs with and without it, in turns, the page open in headless Chromium on the same
 * machine. `npx tsx bench/live-page.ts [TURNS [COUNT]]` (after `npm run build`, as root), such as `ABBABAAB 10`; B has the page.
 */
import { execa } from 'execa';
import type { Browser, Page } from 'playwright-core';
import { isUnknown } from '../harness/analysis/intervals.ts';
import { medianCi95, quantile } from '../harness/analysis/statistics.ts';
import type { RunRecord } from '../harness/model.ts';
import { launch } from '../test/browser/chromium.ts';
import { scratch } from '../test/e2e/thaw.ts';

const [turns = 'ABBABAAB', count = '10'] = process.argv.slice(2);
if (!/^[AB]+$/.test(turns)) throw new Error('usage: live-page.ts [TURNS of A and B [COUNT]]');
const NAMES = { A: 'without', B: 'with --ui' };
const folder = scratch();
const browser = await launch();
const got = {
  A: { frozen: [] as number[], gap: [] as number[] },
  B: { frozen: [] as number[], gap: [] as number[] },
};
try {
  for (const kind of turns as Iterable<'A' | 'B'>) {
    const { frozen, gap } = figuresOf(await run(kind === 'B' ? browser : null));
    got[kind].frozen.push(...frozen);
    got[kind].gap.push(...gap);
    console.log(`${NAMES[kind]}: frozen window ${told(frozen)}, gap ${told(gap)}`);
  }
  for (const kind of ['A', 'B'] as const) {
    console.log(`all ${NAMES[kind]}: frozen window ${told(got[kind].frozen)}, gap ${told(got[kind].gap)}`);
  }
} finally {
  await browser.close();
  folder.remove();
}

async function run(viewer: Browser | null): Promise<RunRecord> {
  const args = [
    'dist/main.js',
    'run',
    'scenarios/httpd.yaml',
    '--count',
    count,
    '--json',
    '--reports',
    folder.path,
  ];
  const running = execa(process.execPath, viewer === null ? args : [...args, '--ui'], { reject: false });
  let page = null as Promise<Page> | null;
  let said = '';
  running.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    const url = /http:\/\/127\.0\.0\.1:\d+\/[\w-]+\//.exec(said)?.[0];
    if (viewer !== null && page === null && url !== undefined) page = opened(viewer, url);
  });
  const { stdout } = await running;
  if (viewer !== null && page === null) throw new Error(`the run told of no page:\n${said}`);
  await (await page)?.close();
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

async function opened(viewer: Browser, url: string): Promise<Page> {
  const page = await viewer.newPage();
  await page.goto(url);
  return page;
}

function figuresOf({ migrations }: RunRecord): { frozen: number[]; gap: number[] } {
  const measured = migrations.filter(({ warmUp }) => !warmUp);
  return {
    frozen: measured.flatMap(({ frozenWindow }) => (isUnknown(frozenWindow) ? [] : [frozenWindow.window.ms])),
    gap: measured.flatMap(({ gap }) => (isUnknown(gap) ? [] : [gap.ms])),
  };
}

function told(values: readonly number[]): string {
  const interval = medianCi95(values, 1)?.map((ms) => ms.toFixed(1));
  return `median ${(quantile(values, 0.5) ?? Number.NaN).toFixed(1)} ms (${interval?.join(' to ') ?? 'no interval'}, n ${values.length})`;
}
