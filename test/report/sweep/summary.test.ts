import { expect, test } from 'vitest';
import { sweepMarkdown } from '../../../harness/report/formats/sweep-markdown.ts';
import { renderSweep } from '../../../harness/report/sweep/summary.ts';
import { skewOf, sweepOf } from './fixture.ts';

const style = { width: 80, colour: false, directory: 'reports/memory/sweep-1' };

test('a sweep tells each cell, and what memory costs', async () => {
  await expect(renderSweep(sweepOf(), style)).toMatchFileSnapshot('../../golden/report/sweep.txt');
});

test('a cell that failed or was skipped is told with its reasons', async () => {
  const text = renderSweep(
    sweepOf((cell) => {
      if (cell === 1) {
        const verdicts = [
          { check: 'lost requests', state: 'fail', why: '8 of 90 lost\u001b[2J, at most 0 may be' } as const,
        ];
        return { verdict: 'fail', verdicts };
      }
      if (cell !== 4) return {};
      const tail = {
        state: 'skipped',
        reason: 'hybrid needs userfaultfd',
        endedMs: 1,
        probe: null,
        heartbeat: null,
      } as const;
      return { verdict: 'unknown', outcome: 'skipped', migrations: [], distributions: [], tail };
    }),
    style,
  );
  await expect(text).toMatchFileSnapshot('../../golden/report/sweep-failing.txt');
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

test('of skewed toolchains it tells which restores what which has dumped, and why not', async () => {
  const text = renderSweep(skewOf(), style);
  await expect(text).toMatchFileSnapshot('../../golden/report/sweep-skew.txt');
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

test('a table of many toolchains is broken into parts that fit', () => {
  const [one] = skewOf().compatibility;
  if (one === undefined) throw new Error('the fixture has no table');
  const names = Array.from({ length: 12 }, (_, i) => `toolchain ${i + 1}`);
  const pairs = names.flatMap((source) =>
    names.map((destination) => ({
      source,
      destination,
      state: 'works' as const,
      migrations: 10,
      failed: 0,
      why: [],
      checks: [],
    })),
  );
  const many = { ...one, sources: names, destinations: names, pairs };
  const lines = renderSweep({ ...skewOf(), cells: [], compatibility: [many] }, style).split('\n');
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  expect(lines.join('\n').match(/✓ works 10\/10/g)).toHaveLength(144);
  expect(lines.filter((line) => / to 12$/.test(line))).toHaveLength(1);
});

test('as Markdown', async () => {
  await expect(sweepMarkdown(skewOf())).toMatchFileSnapshot('../../golden/report/sweep-skew.md');
  await expect(sweepMarkdown(sweepOf())).toMatchFileSnapshot('../../golden/report/sweep.md');
});

test('what scenarios and hosts say is shown as text', () => {
  const hostile = skewOf((text) => `${text}\u001b[2J<script>|\`x\``);
  expect(renderSweep(hostile, style)).not.toContain('\u001b');
  expect(sweepMarkdown(hostile)).not.toMatch(/\u001b|<script>|[^\\]`x/);
});

test('thousands of cells and pairs stay below the limit of a summary', () => {
  const skew = skewOf();
  const long = 'x'.repeat(1_000);
  const cells = Array.from({ length: 2_000 }, (_, i) => ({
    ...(skew.cells[i % 4] as (typeof skew.cells)[number]),
    verdict: 'fail' as const,
    notPassed: [long],
  }));
  const [one] = skew.compatibility;
  if (one === undefined) throw new Error('the fixture has no table');
  const names = Array.from({ length: 40 }, (_, i) => `debian:${i}`);
  const pairs = names.flatMap((source) =>
    names.map((destination) => ({
      ...(one.pairs[1] as (typeof one.pairs)[number]),
      source,
      destination,
      why: [long, `${long}.`],
    })),
  );
  const compatibility = [{ ...one, sources: names, destinations: names, pairs }];
  expect(Buffer.byteLength(sweepMarkdown({ ...skew, cells, compatibility }))).toBeLessThan(1_048_576);
});
