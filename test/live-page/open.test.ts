import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LivePage, openLivePage } from '../../harness/live-page/open.ts';
import { noProgress, type Progress } from '../../harness/report/progress.ts';
import { samplesOf } from '../report/html/fixture.ts';
import { scratch } from '../store/fixture.ts';
import { goingRun } from './fixture.ts';

const isLinux = process.platform === 'linux';

/** Processes of live pages below that one, each with its state: S sleeps, T is stopped. */
function pagesOf(parent: number): { pid: number; state: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const [state = '', itsParent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const line = readFileSync(`/proc/${name}/cmdline`, 'utf8');
        if (Number(itsParent) !== parent || !line.includes('live-page/process')) return [];
        return [{ pid: Number(name), state }];
      } catch {
        return [];
      }
    });
}

describe.skipIf(!isLinux)('the process of a live page', () => {
  let place: ReturnType<typeof scratch>;
  let page: LivePage;
  beforeEach(async () => {
    place = scratch();
    page = await openLivePage();
  });
  afterEach(async () => {
    await page.close('over');
    place.clean();
  });
  const fetchPage = async () => (await fetch(page.url)).text();
  const state = () => pagesOf(process.pid).map((one) => one.state);

  it('shows that there is no run yet, then the run that goes on, then the run', async () => {
    expect(await fetchPage()).toContain('<h1>Not begun yet</h1>');
    const run = goingRun(place.directory);
    run.add(samplesOf(100));
    page.begun(run.directory);
    await expect.poll(fetchPage, { timeout: 10_000 }).toContain('GOES ON');
    const going = await fetchPage();
    expect(going).toContain('<dt>ended</dt><dd>not yet</dd>');
    expect(/"entries":(\d+)/.exec(going)?.[1]).toBe('100');
    run.migrated(1);
    await run.finish();
    page.ended();
    await expect.poll(fetchPage, { timeout: 10_000 }).not.toContain('GOES ON');
  });

  it('is stopped while the progress is held, and answers when that is over', async () => {
    const held: string[] = [];
    const progress: Progress = {
      ...noProgress(),
      hold: () => void held.push('hold'),
      release: () => void held.push('release'),
    };
    const both = page.beside(progress);
    both.hold();
    await expect.poll(state).toEqual(['T']);
    const asked = fetchPage();
    expect(await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, 300, 'none'))])).toBe(
      'none',
    );
    both.release();
    expect(await asked).toContain('Not begun yet');
    expect(held).toEqual(['hold', 'release']);
  });

  it('ends when it is closed, also while it is stopped, and nobody listens there any more', async () => {
    page.beside(noProgress()).hold();
    await expect.poll(state).toEqual(['T']);
    expect(await page.close('over')).toBe(null);
    expect(state()).toEqual([]);
    await expect(fetch(page.url)).rejects.toThrow();
  });

  it('is told where it ended before, and is no harm', async () => {
    const [own] = pagesOf(process.pid);
    process.kill(own?.pid as number, 'SIGKILL');
    await expect.poll(state).toEqual([]);
    page.begun('/nowhere');
    page.look(0);
    expect(await page.close('over')).toBe('exit SIGKILL');
  });

  it('is not ended by the Ctrl-C that reaches the whole terminal', async () => {
    const [own] = pagesOf(process.pid);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(own?.pid as number, signal);
    expect(await fetchPage()).toContain('Not begun yet');
  });
});

describe.skipIf(!isLinux)('a run that is killed', () => {
  let owner: ChildProcess;
  afterEach(() => owner.kill('SIGKILL'));

  it('takes its live page with it, also one that is stopped', async () => {
    const file = new URL('owner.ts', import.meta.url).pathname;
    owner = spawn(process.execPath, ['--import', 'tsx', file], { stdio: ['ignore', 'pipe', 'inherit'] });
    if (owner.stdout === null) throw new Error('no stdout');
    const [url] = await once(createInterface({ input: owner.stdout }), 'line');
    const [own] = pagesOf(owner.pid as number);
    expect([String(url).slice(0, 17), own?.pid]).toEqual(['http://127.0.0.1:', expect.any(Number)]);
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    await expect.poll(() => isThere(own?.pid as number)).toBe(false);
  });
});

function isThere(pid: number): boolean {
  try {
    return !/^[ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1] ?? 'X');
  } catch {
    return false;
  }
}
