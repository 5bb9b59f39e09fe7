import { chmodSync, mkdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SuiteResult } from '../../harness/analysis/suite/result.ts';
import type { Trend } from '../../harness/analysis/trend/model.ts';
import { action, pipeline, type Step, workflow } from '../ci/workflows.ts';
import { inventory, settledInventory, whyNotHere } from './machine.ts';
import { ROOT, scratch, thaw } from './thaw.ts';

const why = whyNotHere();
let place: ReturnType<typeof scratch>;
beforeEach(() => {
  place = scratch();
});
afterEach(() => place.remove());

describe.skipIf(why !== null)(`a suite${why === null ? '' : ` (skipped: ${why})`}`, () => {
  test('in two shards, by the scripts of the shipped CI files: what passes, what fails as expected, and what cannot begin', async () => {
    const before = inventory();
    for (const made of ['dist', 'scripts']) symlinkSync(join(ROOT, made), join(place.path, made));
    const criu = join(place.path, 'criu');
    const toolchain = `auto+criu=${criu}`;
    const history = join(place.path, 'history.ndjson');
    const file = place.write(
      'suite.yaml',
      JSON.stringify({
        suite: 'small',
        scenarios: [join(ROOT, 'scenarios/counter.yaml'), join(ROOT, 'scenarios/failures/file-lock.yaml')],
        set: { 'migration.count': 1, 'migration.warm-up': 0 },
        include: [{ scenario: 'counter', toolchain }],
        expect: [
          { where: { scenario: 'failure-file-lock' }, fail: 'file-lock', until: '9999-12-31', why: 'a test' },
        ],
      }),
    );
    const { plan, merge } = workflow().jobs;
    await script(plan, 'plan', { SUITE: file, SHARDS: '2', GITHUB_OUTPUT: join(place.path, 'output') });
    const [, matrix = ''] = readFileSync(join(place.path, 'output'), 'utf8').split('shards=');
    const shards = JSON.parse(matrix) as string[];
    expect(shards).toEqual(['1/2', '2/2']);
    for (const [index, shard] of shards.entries()) {
      const summary = join(place.path, `summary-${index}.md`);
      const given = {
        SUITE: file,
        SHARD: shard,
        EARLIER: 'earlier.json',
        OPTIONS: `--quiet\n--history\n${history}\n`,
      };
      await script(action().runs, 'suite', {
        ...given,
        GITHUB_ACTION_PATH: join(ROOT, '.github/actions/suite'),
        GITHUB_STEP_SUMMARY: summary,
      });
      expect(readFileSync(summary, 'utf8')).toContain('small');
      mkdirSync(join(place.path, 'shards'), { recursive: true });
      renameSync(join(place.path, 'thaw-reports'), join(place.path, 'shards', `shard-${index}`));
    }
    const merged = await script(merge, 'merge', { GITHUB_STEP_SUMMARY: join(place.path, 'summary.md') });
    const whole = JSON.parse(readFileSync(join(place.path, 'earlier.json'), 'utf8')) as SuiteResult;
    expect(whole.cells.map(({ id, state }) => [id, state])).toEqual([
      ['counter', 'pass'],
      [`counter[toolchain=${toolchain}]`, 'unknown'],
      ['failure-file-lock', 'expected'],
    ]);
    expect(merged).toBe(2);
    expect(readFileSync(join(place.path, 'suite.xml'), 'utf8')).toContain('<testsuite');
    // GitLab's scripts, of the same shards: it is the same result, and the next plan is made by it.
    renameSync(join(place.path, 'shards'), join(place.path, 'thaw-reports'));
    renameSync(join(place.path, 'earlier.json'), join(place.path, 'github.json'));
    expect(await bash(pipeline()['thaw-merge'].script.join('\n'), {})).toBe(2);
    const gitlab = JSON.parse(readFileSync(join(place.path, 'earlier.json'), 'utf8')) as SuiteResult;
    expect(gitlab.cells).toEqual(whole.cells);
    expect(await bash(pipeline()['thaw-plan'].script.join('\n'), { SUITE: file })).toBe(0);
    // What did not pass the last time is run again, and nothing else; here because its CRIU is there by now.
    place.write('criu', '#!/bin/sh\nexec /usr/sbin/criu "$@"\n');
    chmodSync(criu, 0o755);
    const page = join(place.path, 'page.html');
    const where = ['--earlier', join(place.path, 'earlier.json'), '--reports', place.path];
    const files = ['--history', history, '--html', page];
    const again = await thaw('suite', file, '--last-failed', ...where, ...files, '--json');
    const { cells } = JSON.parse(again.stdout) as SuiteResult;
    expect([again.status, cells.map(({ id, state }) => [id, state])]).toEqual([
      0,
      [[`counter[toolchain=${toolchain}]`, 'pass']],
    ]);
    expect(readFileSync(page, 'utf8')).toContain('href="./small/suite-');
    // Then nothing is left, and each run that began is one of a row of the history.
    const left = await thaw('suite', file, '--last-failed', '--reports', place.path);
    expect([left.status, left.stderr]).toEqual([64, expect.stringContaining('nothing is left of small')]);
    const trend = JSON.parse((await thaw('trend', history, '--json')).stdout) as Trend;
    expect(trend.cells.map((one) => [one.scenario, one.toolchain, one.runs.length])).toEqual([
      ['counter', toolchain, 1],
      ['counter', 'auto', 1],
      ['failure-file-lock', 'auto', 1],
    ]);
    expect(await settledInventory(before)).toEqual(before);
  });
});

function script({ steps }: { steps: Step[] } = { steps: [] }, id: string, env: Record<string, string>) {
  const step = steps.find((one) => one.id === id);
  if (step?.run === undefined) throw new Error(`no script ${id}`);
  return bash(step.run, env);
}

/** As CI engines run it: → exit code. */
async function bash(text: string, env: Record<string, string>): Promise<number | undefined> {
  const shell = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', text];
  return (await execa('bash', shell, { cwd: place.path, env, reject: false })).exitCode;
}
