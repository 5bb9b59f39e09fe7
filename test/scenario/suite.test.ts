import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { knownFailures } from '../../harness/diagnosis/catalogue.ts';
import { UsageError } from '../../harness/errors.ts';
import { loadScenario } from '../../harness/scenario/load.ts';
import type { Overrides } from '../../harness/scenario/overrides.ts';
import { loadSuite } from '../../harness/scenario/suite.ts';
import { minimal } from './refusal.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'thaw-suite-'));
  write('a.yaml', minimal().replace('name: x', 'name: a'));
  write('b.yaml', minimal().replace('name: x', 'name: b'));
  write('varies.yaml', minimal('vary: {runtime: [runc, crun]}\n'));
  write('wrong.yaml', minimal('runtim: crun\n'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const context = { failures: ['file-lock', 'connected-socket'], today: '2026-06-15' };

function load(text: string, overrides: Overrides = {}, { repeat = 1, retries = 0 } = {}) {
  return loadSuite(write('suite.yaml', text), { overrides, repeat, retries }, context);
}

/** The lines that name a place, without the folder. */
async function told(text: string, overrides: Overrides = {}): Promise<string[]> {
  const error = await load(text, overrides).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof UsageError)) throw error ?? new Error('it was not refused');
  return error.message
    .replaceAll(`${folder}/`, '')
    .split('\n')
    .filter((line) => !/^ {4}/.test(line));
}

const suite = (more = '', scenarios = '[a.yaml, b.yaml]'): string =>
  `suite: s\nscenarios: ${scenarios}\n${more}`;

describe('a suite', () => {
  test('is its scenarios by the combinations of its axes, less some and more', async () => {
    const { plan, scenarios } = await load(
      suite(
        [
          'set: {migration.count: 3}',
          'axes: {toolchain: [debian:forky, debian:trixie], handover.announce: [true, false]}',
          'exclude:',
          '  - {toolchain: debian:trixie, handover.announce: false}',
          '  - {scenario: b, handover.announce: false}',
          'include:',
          '  - {scenario: b, runtime: crun, migration.count: 9}',
        ].join('\n'),
      ),
    );
    expect(plan.cells.map(({ id, wanted }) => [id, wanted])).toEqual([
      ['a[toolchain=debian:forky,handover.announce=true]', 4],
      ['a[toolchain=debian:forky,handover.announce=false]', 4],
      ['a[toolchain=debian:trixie,handover.announce=true]', 4],
      ['b[toolchain=debian:forky,handover.announce=true]', 4],
      ['b[toolchain=debian:trixie,handover.announce=true]', 4],
      ['b[runtime=crun,migration.count=9]', 10],
    ]);
    const last = scenarios.get('b[runtime=crun,migration.count=9]')?.scenario;
    expect([last?.name, last?.runtime, last?.migration.count]).toEqual(['b', 'crun', 9]);
  });

  test('without axes is its scenarios as they are, but for their cells', async () => {
    const { plan, scenarios } = await load(suite());
    expect(plan.cells.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(scenarios.get('a')?.scenario).toEqual((await loadScenario(join(folder, 'a.yaml'))).scenario);
  });

  test('the last expectation that names a cell is the one that counts', async () => {
    const { plan } = await load(
      suite(
        [
          'axes: {runtime: [runc, crun]}',
          'expect:',
          '  - {where: {runtime: crun}, skip: true, why: not there}',
          '  - {where: {runtime: crun, scenario: b}, fail: file-lock, until: 2026-06-15, why: locks}',
        ].join('\n'),
      ),
    );
    expect(plan.cells.map(({ expect: one }) => one?.kind ?? null)).toEqual([null, 'skip', null, 'fail']);
  });

  test('its digest tells another suite, scenario or option from the same', async () => {
    const digest = async (...given: Parameters<typeof load>) => (await load(...given)).plan.digest;
    const base = await digest(suite());
    expect(await digest(suite())).toBe(base);
    const others = [
      await digest(suite('why: other\n')),
      await digest(suite(), { count: 3 }),
      await digest(suite(), {}, { repeat: 2 }),
      await digest(suite(), {}, { retries: 2 }),
    ];
    expect(new Set([base, ...others]).size).toBe(5);
  });
});

describe('what is wrong with a suite is told at its place', () => {
  test.each<[string, string, string]>([
    ['no suite', 'scenarios: [a.yaml]\n', 'suite.yaml is no suite: it has no `suite`'],
    [
      'no scenarios',
      'suite: s\nscenarios: []\n',
      'suite.yaml:2:12: `scenarios` must have at least one scenario, not `[]`',
    ],
    [
      'a key that is none',
      suite('axis: {}\n'),
      'suite.yaml:3:1: there is no `axis` here; did you mean `axes`?',
    ],
    [
      'an axis that is no key',
      suite('axes: {runtme: [runc]}\n'),
      'suite.yaml:3:8: `runtme` is no key of a scenario that can vary; did you mean `runtime`?',
    ],
    [
      'a value that cannot be',
      suite('axes:\n  runtime: [runc, podman]\n'),
      'suite.yaml:4:19: `runtime` must be runc or crun, not `podman`; known are crun, runc',
    ],
    [
      'a value set that cannot be',
      suite('set: {migration.count: 0}\n'),
      'suite.yaml:3:24: `count` must be a whole number from 1 to 100000, not `0`',
    ],
    ['a value twice', suite('axes: {runtime: [runc, runc]}\n'), 'suite.yaml:3:24: runc is there twice'],
    [
      'an empty axis',
      suite('axes: {runtime: []}\n'),
      'suite.yaml:3:17: `runtime` must have at least one value, not `[]`',
    ],
    [
      'axes that contain themselves',
      suite('axes: &x {runtime: [runc], toolchain: *x}\n'),
      'suite.yaml:3:39: `*x` is part of what it stands for, and nothing can contain itself',
    ],
    [
      'a value that contains its axis',
      suite('axes: {toolchain: &x [debian:forky, *x]}\n'),
      'suite.yaml:3:37: `*x` is part of what it stands for, and nothing can contain itself',
    ],
    [
      'an exclusion of nothing',
      suite('exclude: [{runtime: crun}]\n'),
      'suite.yaml:3:11: no cell has all of these',
    ],
    [
      'all excluded',
      suite('axes: {runtime: [runc]}\nexclude: [{runtime: runc}]\n'),
      'suite.yaml:4:10: `exclude` leaves out every cell',
    ],
    [
      'an inclusion of another scenario',
      suite('include: [{scenario: aa, runtime: crun}]\n'),
      'suite.yaml:3:11: no cell has all of these; did you mean `a`?',
    ],
    [
      'an inclusion of what is there',
      suite('axes: {runtime: [runc]}\ninclude: [{scenario: a, runtime: runc}]\n'),
      'suite.yaml:4:10: the cell a, runtime runc is there twice',
    ],
    ['a scenario twice', suite('', '[a.yaml, a.yaml]'), 'suite.yaml:2:21: this scenario is there twice'],
    [
      'two scenarios of one name',
      suite('', '[a.yaml, ./a.yaml]'),
      'suite.yaml:2:21: its name is a, and so is that of a.yaml',
    ],
    [
      'a scenario that is not there',
      suite('', '[c.yaml]'),
      'suite.yaml:2:13: the scenario c.yaml cannot be read: there is no such file',
    ],
    [
      'a suite in a suite',
      suite('', '[suite.yaml]'),
      'suite.yaml:2:13: this is a suite itself, and a suite is made of scenarios',
    ],
    [
      'a sweep in a suite',
      suite('', '[varies.yaml]'),
      'suite.yaml:2:13: this scenario varies by itself: use thaw sweep for it, or make axes of its `vary`',
    ],
    [
      'a mistake in a scenario',
      suite('', '[wrong.yaml]'),
      'wrong.yaml:5:1: there is no `runtim` here; did you mean `runtime`?',
    ],
    [
      'an expectation of nothing known',
      suite('expect: [{fail: file-lok, until: 2027-01-01, why: x}]\n'),
      'suite.yaml:3:17: `file-lok` is no known failure; did you mean `file-lock`?',
    ],
    [
      'an expectation that has ended',
      suite('expect: [{fail: file-lock, until: 2026-06-14, why: x}]\n'),
      'suite.yaml:3:35: the expectation ended on 2026-06-14: see whether it still fails, then take it out or give a later day',
    ],
    [
      'an expectation without an end',
      suite('expect: [{fail: file-lock, why: x}]\n'),
      'suite.yaml:3:10: needs `until`: when to look at it again',
    ],
    [
      'an expectation of what is not there',
      suite('expect: [{where: {runtime: runc}, skip: true, why: x}]\n'),
      'suite.yaml:3:10: no cell has all of these',
    ],
    [
      'a day that is none',
      suite('expect: [{fail: file-lock, until: 2026-02-31x, why: x}]\n'),
      'suite.yaml:3:35: `until` must be a day, such as 2026-12-31, not `2026-02-31x`',
    ],
  ])('%s', async (_, text, message) => {
    expect((await told(text))[0]).toBe(message);
  });

  test('suites that contain each other', async () => {
    write('other.yaml', 'suite: o\nscenarios: [suite.yaml]\n');
    expect(await told(suite('', '[other.yaml]'))).toEqual([
      'suite.yaml:2:13: this is a suite itself, and a suite is made of scenarios',
    ]);
  });

  test('an option that would undo an axis', async () => {
    expect(await told(suite('axes: {runtime: [runc, crun]}\n'), { runtime: 'crun' })).toEqual([
      '--runtime would undo what this sweep varies: runtime',
    ]);
  });

  test('a suite that is run as a scenario', async () => {
    const path = write('suite.yaml', suite());
    await expect(loadScenario(path)).rejects.toThrow('suite.yaml is a suite: many scenarios');
  });
});

test('every suite that is shipped is valid today, and still in half a year', async () => {
  const options = { overrides: {}, repeat: 1, retries: 0 };
  const failures = knownFailures().failures.map(({ id }) => id);
  const today = new Date().toISOString().slice(0, 10);
  const { plan } = await loadSuite('scenarios/suites/runtimes.yaml', options, { failures, today });
  expect(plan.cells.length).toBeGreaterThan(3);
});

test('the shipped suite of strategies has each by each runtime, and says which it expects to be skipped', async () => {
  const file = join(import.meta.dirname, '../../scenarios/suites/strategies.yaml');
  const { plan } = await loadSuite(file, { overrides: {}, repeat: 1, retries: 0 }, context);
  const skipped = plan.cells.filter(({ expect: expected }) => expected?.kind === 'skip').map(({ id }) => id);
  expect([plan.cells.length, skipped]).toEqual([
    12,
    [
      'counter[runtime=runc,migration.strategy=pre-copy]',
      'counter[runtime=runc,migration.strategy=hybrid]',
      'counter[runtime=crun,migration.strategy=pre-copy]',
      'counter[runtime=crun,migration.strategy=post-copy]',
      'counter[runtime=crun,migration.strategy=hybrid]',
      'counter[runtime=crun,migration.transfer=page-server]',
    ],
  ]);
});
