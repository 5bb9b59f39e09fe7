import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect } from 'vitest';
import type { SweepResult } from '../../harness/analysis/sweep/result.ts';
import { type Inventory, inventory, settledInventory, whyNotHere } from './machine.ts';
import { placed as test } from './placed.ts';
import { scenario, thaw } from './thaw.ts';

const why = whyNotHere();
let before: Inventory;
beforeAll(() => {
  before = inventory();
});

describe.skipIf(why !== null)(`a sweep${why === null ? '' : ` (skipped: ${why})`}`, () => {
  test.concurrent('runs each cell, tells larger images for more memory, and reads the same again', async ({
    place,
  }) => {
    const file = place.write(
      'sweep.yaml',
      scenario('sweep-memory', (text) => text.replace('[16MiB, 64MiB, 256MiB]', '[1MiB, 32MiB]')),
    );
    const options = ['--count', '1', '--warm-up', '0', '--reports', place.path, '--json'];
    const ended = await thaw('sweep', file, ...options);
    const result = JSON.parse(ended.stdout) as SweepResult;
    expect({ status: ended.status, verdict: result.verdict, done: result.done }).toEqual({
      status: 0,
      verdict: 'pass',
      done: 4,
    });
    expect(result.cells.map(({ values, migrations }) => [values, migrations])).toEqual([
      [{ 'bundle.counter.memory': '1MiB' }, 2],
      [{ 'bundle.counter.memory': '32MiB' }, 2],
    ]);
    const bytes = result.cells.map(
      ({ figures }) => figures.find(({ measurement }) => measurement === 'image-bytes')?.median ?? 0,
    );
    const difference = ((bytes[1] ?? 0) - (bytes[0] ?? 0)) / (31 * 1_048_576);
    // The rest of the images differs by some pages from one dump to the next.
    expect(difference).toBeCloseTo(1, 1);
    const folder = join(place.path, 'sweep-memory');
    const directories = readdirSync(folder);
    expect(directories).toHaveLength(1);
    const again = await thaw('report', join(folder, directories[0] as string), '--json');
    expect(JSON.parse(again.stdout)).toEqual(result);
  });

  test.concurrent('over a slow network freezes for as long as its images take, and skips what a kernel lacks', async ({
    place,
  }) => {
    const text = scenario('sweep-network')
      .replace('memory: 16MiB', 'memory: 1MiB')
      .replace('network.rate: [100Mbit/s, 200Mbit/s, 400Mbit/s]', 'network.rate: [100Mbit/s]')
      .replace('migration.transfer: [copy, page-server]', 'network.delay: [0ms, 10ms]')
      .replace('rounds: 2', 'rounds: 1');
    const options = ['--count', '1', '--warm-up', '0', '--reports', place.path, '--json'];
    const ended = await thaw('sweep', place.write('network.yaml', text), ...options);
    const { cells } = JSON.parse(ended.stdout) as SweepResult;
    expect(cells.map(({ values }) => values['network.delay'])).toEqual(['0ms', '10ms']);
    const [straight, late] = cells as [SweepResult['cells'][number], SweepResult['cells'][number]];
    // Without netem in the kernel, never without the delay.
    if (late.skipped !== null) {
      expect([late.runs, late.migrations, late.skipped]).toEqual([
        1,
        0,
        expect.stringMatching(/^network\.delay and network\.loss need netem, which rhel01 does not have: ./),
      ]);
    }
    for (const { figures } of [straight, late].filter(({ skipped }) => skipped === null)) {
      const of = (name: string) => figures.find(({ measurement }) => measurement === name)?.median ?? 0;
      const atLeastMs = (of('image-bytes') - 65_536) / (100_000 / 8);
      expect(of('image-bytes')).toBeGreaterThan(1_048_576);
      expect(of('frozen-window')).toBeGreaterThan(atLeastMs);
    }
  });

  test.concurrent('of two versions of CRIU each way tells which pair works here, and why another does not', async ({
    place,
  }) => {
    const [history, markdown] = ['history.ndjson', 'skew.md'].map((name) => join(place.path, name)) as [
      string,
      string,
    ];
    const files = ['--history', history, '--markdown', markdown];
    const ended = await thaw(
      'sweep',
      'scenarios/sweep-skew.yaml',
      '--reports',
      place.path,
      '--json',
      ...files,
    );
    const { cells, done, compatibility, versions } = JSON.parse(ended.stdout) as SweepResult;
    expect(done).toBe(4);
    expect(readFileSync(history, 'utf8').trimEnd().split('\n')).toHaveLength(4);
    // Each cell is one pair, and so the table says what the cells say.
    expect(compatibility.map(({ pairs }) => pairs.map(({ state, why }) => ({ state, why })))).toEqual([
      cells.map(({ failed, causes }) => ({ state: failed === 0 ? 'works' : 'fails', why: causes })),
    ]);
    expect(Object.keys(versions)).toEqual(['debian:forky', 'debian:trixie']);
    const [directory = ''] = readdirSync(join(place.path, 'sweep-skew'));
    const shown = (await thaw('report', join(place.path, 'sweep-skew', directory))).stdout;
    for (const pair of compatibility.flatMap(({ pairs }) => pairs)) {
      expect(readFileSync(markdown, 'utf8')).toContain(`${pair.state} ${1 - pair.failed}/1`);
      expect(shown).toContain(`${pair.state} ${1 - pair.failed}/1`);
    }
    for (const { migrations, failed, causes } of cells) {
      expect(migrations).toBe(1);
      // By a known failure, in words, and not by the mere line of a log.
      expect(causes).toEqual(
        failed === 0 ? [] : [expect.stringMatching(/^(dump|restore) failed on rhel0[12]: [^:]*[a-z]/)],
      );
    }
    // The newest works with itself, or nothing would.
    expect(cells[0]?.failed).toBe(0);
  });

  test('nothing of them is left', async () => {
    expect(await settledInventory(before)).toEqual(before);
  });
});
