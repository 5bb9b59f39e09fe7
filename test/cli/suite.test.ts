import { describe, expect, test } from 'vitest';
import type { PlannedCell } from '../../harness/analysis/suite/plan.ts';
import { suiteResult } from '../../harness/analysis/suite/result.ts';
import { execute } from '../../harness/cli/execute.ts';
import { count } from '../../harness/counted.ts';
import { attemptAt, passing, suiteOf, suitePlan } from '../report/suite/fixture.ts';
import { fakeContext } from './fake-context.ts';

const FILE = 'scenarios/suites/runtimes.yaml';

describe('thaw suite', () => {
  test('runs all cells, and ends like the worst of them', async () => {
    const fake = fakeContext(['suite', FILE, '--count', '3', '--retries', '1']);
    expect(await execute(fake.context)).toBe(1);
    expect(fake.calls).toEqual([
      ['load suite', FILE, { overrides: { count: 3, limits: true }, repeat: 1, retries: 1 }],
      ['earlier', null, { reports: 'reports', name: 'runtimes' }],
      ['suite', suitePlan().cells.map(({ id }) => id), null, 'reports'],
    ]);
    expect(fake.out()).toContain('FAIL  runtimes: 6 cells');
  });

  test('each run that began is added to a history, which is looked at before anything is run', async () => {
    const fake = fakeContext(['suite', FILE, '--history', 'h.ndjson', '--quiet']);
    await execute(fake.context);
    const runs = suiteOf().cells.flatMap(({ attempts }) => attempts.flatMap(({ run }) => run ?? []));
    expect(runs.length).toBeGreaterThan(2);
    const directory = `${process.cwd()}/reports/runtimes/suite-1`;
    expect(fake.calls.filter((call) => (call as string[])[0] !== 'load suite')).toEqual([
      ['earlier', null, expect.anything()],
      ['add to history', 'h.ndjson', []],
      ['suite', expect.anything(), null, 'reports'],
      ['add to history', 'h.ndjson', runs.map((run) => `${directory}/${run}`)],
    ]);
  });

  test('its page is written where it is asked for', async () => {
    const asked: (string | undefined)[] = [];
    const fake = fakeContext(['suite', FILE, '--html', 's.html', '--quiet'], {
      actions: {
        async runSuite({ html }) {
          asked.push(html);
          return { result: suiteOf(), directory: 'reports/runtimes/suite-1' };
        },
      },
    });
    await execute(fake.context);
    expect(asked).toEqual(['s.html']);
  });

  test('a shard comes to its part from the file alone', async () => {
    const fake = fakeContext(['suite', FILE, '--shard', '2/2', '--quiet']);
    await execute(fake.context);
    expect(fake.calls.map((call) => (call as string[])[0])).toEqual(['load suite', 'suite']);
    expect(fake.calls.at(-1)).toMatchObject(['suite', { length: 3 }, { index: 2, of: 2 }, 'reports']);
  });

  test.each([
    [['--shard', '3/2'], "option '--shard <i/n>' argument '3/2' is invalid"],
    [['--shard', '0/2'], "option '--shard <i/n>' argument '0/2' is invalid"],
    [['--shard', '1/2', '--last-failed'], '--last-failed of a shard needs --earlier'],
    [['--only', 'podman'], 'none of the cells that have podman in their names'],
    [['--last-failed'], 'nothing is left of runtimes'],
  ])('%j is refused', async (options, message) => {
    const fake = fakeContext(['suite', FILE, ...options]);
    expect(await execute(fake.context)).toBe(64);
    expect(fake.err()).toContain(message);
  });

  test.each([
    [90, 1, true],
    [91, 1, false],
    [10, 10, false],
    [10_000, 1, false],
  ])('of %d cells, each %d times, is asked about past a thousand migrations', async (many, repeat, runs) => {
    const [first] = suitePlan().cells;
    const cells = Array.from({ length: many }, (_, i) => ({ ...(first as PlannedCell), id: `a[${i}]` }));
    const loadSuite = async () => ({ plan: suitePlan({ cells, repeat }), scenarios: new Map() });
    const words = ['suite', FILE, '--repeat', `${repeat}`];
    const ran = (fake: ReturnType<typeof fakeContext>) =>
      fake.calls.some((call) => (call as string[])[0] === 'suite');
    const asked = fakeContext(words, { actions: { loadSuite } });
    const status = await execute(asked.context);
    expect([ran(asked), status === 64]).toEqual([runs, !runs]);
    const told = `thaw: ${FILE} makes ${count(many)} cells × ${repeat} = ${count(many * repeat)} runs, ${count(many * repeat * 11)} migrations\nnext: look at it with thaw plan, and run it with --yes\n`;
    expect(asked.err()).toContain(runs ? '' : told);
    const sure = fakeContext([...words, '--yes'], { actions: { loadSuite } });
    await execute(sure.context);
    expect(ran(sure)).toBe(true);
  });

  test('--allow-flaky forgives what is flaky, and nothing else', async () => {
    const plan = suitePlan({ cells: suitePlan().cells.slice(0, 1) });
    const id = 'httpd[runtime=runc]';
    const flaky = suiteResult(plan, [id], null, [
      attemptAt(id, null),
      attemptAt(id, passing(), { attempt: 2 }),
    ]);
    const codes = async (result: typeof flaky) => {
      const merging = (...options: string[]) =>
        execute(
          fakeContext(['merge', 'a.json', ...options], { actions: { mergeSuites: async () => result } })
            .context,
        );
      return [await merging(), await merging('--allow-flaky')];
    };
    expect(await codes(flaky)).toEqual([2, 0]);
    expect(await codes(suiteOf())).toEqual([1, 1]);
  });

  test('merge writes what is asked for', async () => {
    const fake = fakeContext(['merge', 'a.json', 'b.json', '--into', 'c.json', '--junit', 's.xml', '--json']);
    await execute(fake.context);
    expect(fake.calls).toEqual([
      ['merge', ['a.json', 'b.json'], 'c.json'],
      ['write', 's.xml', expect.stringContaining('<testsuites')],
    ]);
    expect(JSON.parse(fake.out())).toEqual(suiteOf());
  });

  test('plan runs nothing, and tells as many parts as asked for', async () => {
    const fake = fakeContext(['plan', FILE, '--shards', '4', '--json']);
    expect(await execute(fake.context)).toBe(0);
    expect(fake.calls.map((call) => (call as string[])[0])).toEqual(['load suite', 'earlier']);
    const { shards } = JSON.parse(fake.out()) as { shards: { shard: string }[] };
    expect(shards.map(({ shard }) => shard)).toEqual(['1/4', '2/4', '3/4', '4/4']);
  });
});
