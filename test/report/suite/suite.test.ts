import { expect, test } from 'vitest';
import { chosenCells } from '../../../harness/analysis/suite/plan.ts';
import { suiteJunit } from '../../../harness/report/formats/suite-junit.ts';
import { suiteMarkdown } from '../../../harness/report/formats/suite-markdown.ts';
import { renderPlan, toldPlan } from '../../../harness/report/suite/plan.ts';
import { renderSuite } from '../../../harness/report/suite/summary.ts';
import { suiteOf, suitePlan } from './fixture.ts';

const style = { width: 80, colour: false, where: 'reports/runtimes/suite-1' };
const golden = (name: string): string => `../../golden/report/${name}`;

test('a suite tells each cell, and why one did not simply pass', async () => {
  const text = renderSuite(suiteOf(), style);
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  await expect(text).toMatchFileSnapshot(golden('suite.txt'));
});

test('as JUnit nothing that did not pass is taken for passed', async () => {
  await expect(suiteJunit(suiteOf())).toMatchFileSnapshot(golden('suite.junit.xml'));
});

test('as Markdown', async () => {
  await expect(suiteMarkdown(suiteOf())).toMatchFileSnapshot(golden('suite.md'));
});

test('a plan tells its cells, and the parts that they make', async () => {
  const plan = suitePlan();
  const earlier = [{ id: 'httpd[runtime=runc]', passed: true, seconds: [100] }];
  const cells = chosenCells(plan, { only: [], lastFailed: false, shard: null, earlier });
  const told = toldPlan(plan, cells, 2);
  expect(told.shards.map(({ shard, cells: own }) => [shard, own.length])).toEqual([
    ['1/2', 1],
    ['2/2', 5],
  ]);
  await expect(renderPlan(told, style)).toMatchFileSnapshot(golden('plan.txt'));
});

test('what suites and hosts say is shown as text', () => {
  const suite = suiteOf();
  const [first, ...others] = suite.cells;
  if (first === undefined) throw new Error('the fixture has no cell');
  const bad = '\u001b[2J</testcase><script>|`x`';
  const hostile = {
    ...suite,
    cells: [{ ...first, id: bad, scenario: bad, because: bad, state: 'fail' as const }, ...others],
  };
  expect(renderSuite(hostile, style)).not.toContain('\u001b');
  expect(suiteJunit(hostile)).not.toMatch(/\u001b|<script>/);
  expect(suiteMarkdown(hostile)).not.toMatch(/\u001b|<script>|[^\\]`x/);
});

test('ten thousand cells stay below the limit of a summary', () => {
  const suite = suiteOf();
  const cells = Array.from({ length: 10_000 }, (_, i) => ({
    ...(suite.cells[i % 6] as (typeof suite.cells)[number]),
    notPassed: ['x'.repeat(5_000)],
  }));
  expect(Buffer.byteLength(suiteMarkdown({ ...suite, cells }))).toBeLessThan(1_048_576);
});
