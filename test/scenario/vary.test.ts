import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadScenario, loadSweep } from '../../harness/scenario/load.ts';
import { expand } from '../../harness/scenario/vary.ts';
import { minimal, told } from './refusal.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'thaw-vary-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const counting = 'name: x\nbundle:\n  root: {path: /srv/root}\n  counter: {}\n';

function write(text: string): string {
  const path = join(folder, 'x.yaml');
  writeFileSync(path, text);
  return path;
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);

describe('a scenario that varies', () => {
  it('becomes a scenario for each combination, which differs in nothing else', async () => {
    const path = write(
      `${counting}vary:\n  bundle.counter.memory: [16MiB, 64MiB]\n  handover.announce: [true, false]\nrounds: 3\n`,
    );
    const { axes, rounds, cells } = await loadSweep(path, { count: 7 });
    expect({ axes, rounds }).toEqual({
      axes: [
        { key: 'bundle.counter.memory', values: ['16MiB', '64MiB'] },
        { key: 'handover.announce', values: ['true', 'false'] },
      ],
      rounds: 3,
    });
    expect(
      cells.map(({ scenario: { cell, bundle, handover, migration } }) => [
        Object.values(cell).join(' '),
        bundle.kind === 'generated' ? bundle.args.debian[6] : null,
        handover.announce,
        migration.count,
      ]),
    ).toEqual([
      ['16MiB true', '16', true, 7],
      ['16MiB false', '16', false, 7],
      ['64MiB true', '64', true, 7],
      ['64MiB false', '64', false, 7],
    ]);
    const [first] = cells;
    const alone = await loadScenario(
      write(
        `${counting.replace('{}', '{memory: 16MiB}')}handover: {announce: true}\nmigration: {count: 7}\n`,
      ),
    );
    expect({ ...first?.scenario, cell: {} }).toEqual(alone.scenario);
  });

  it('may give what is missing elsewhere', async () => {
    const path = write(
      'name: x\nbundle: {root: {path: /r}}\nvary:\n  bundle.args: [[/bin/a], [/bin/b, -x]]\n',
    );
    const { cells } = await loadSweep(path, {});
    expect(cells.map(({ scenario }) => scenario.cell)).toEqual([
      { 'bundle.args': '[/bin/a]' },
      { 'bundle.args': '[/bin/b, -x]' },
    ]);
  });

  it('is told as it may be written', async () => {
    const text = minimal('vary: {probe.connection: [kept, {kept: 8}], network: [{delay: 5ms}]}\n');
    const { cells } = await loadSweep(write(text), {});
    expect(cells.map(({ scenario }) => Object.values(scenario.cell))).toEqual([
      ['kept', '{delay: 5ms}'],
      ['{kept: 8}', '{delay: 5ms}'],
    ]);
  });

  it('is not run as one scenario, and one that does not vary is no sweep', async () => {
    await expect(loadScenario(write(minimal('vary: {probe.rate: [1/s, 2/s]}\n')))).rejects.toThrow(
      /x\.yaml varies probe\.rate: it is many scenarios/,
    );
    await expect(loadSweep(write(minimal()), {})).rejects.toThrow(/x\.yaml varies nothing/);
  });

  it('may vary the toolchain of one host, and of no other than those of the path', async () => {
    const path = write(minimal('vary: {toolchain.rhel02: [host, "debian:forky"]}\n'));
    const { cells } = await loadSweep(path, {});
    expect(cells.map(({ scenario }) => scenario.toolchain)).toEqual([
      { rhel01: 'auto', rhel02: 'host' },
      { rhel01: 'auto', rhel02: 'debian:forky' },
    ]);
    await expect(loadSweep(write(minimal('vary: {toolchain.rhel3: [host]}\n')), {})).rejects.toThrow(
      '`toolchain.rhel3` is no key of a scenario that can vary; did you mean `toolchain.rhel01`?',
    );
  });

  it('keeps what it varies from the command line', async () => {
    const path = write(
      minimal('vary: {probe.rate: [1/s, 2/s], migration.warm-up: [0, 1], runtime: [runc, crun]}\n'),
    );
    await expect(loadSweep(path, { rate: 7 })).rejects.toThrow(
      '--rate would undo what this sweep varies: probe.rate',
    );
    await expect(loadSweep(path, { warmUp: 7 })).rejects.toThrow('--warm-up would undo');
    await expect(loadSweep(path, { runtime: 'crun' })).rejects.toThrow('--runtime would undo');
    expect((await loadSweep(path, { count: 3 })).cells).toHaveLength(8);
  });
});

it('has at most 10,000 cells', () => {
  const vary = { 'migration.count': upTo(100), 'probe.rate': upTo(100) };
  const { documents, mistakes } = expand({ vary }, () => ['migration', 'count', 'probe', 'rate']);
  expect({ cells: documents.length, mistakes }).toEqual({ cells: 10_000, mistakes: [] });
});

describe('a mistake in `vary` is told at its place:', () => {
  it.each([
    [
      'an unknown key',
      '{probe.rat: [1/s]}',
      ['5:8: `probe.rat` is no key of a scenario that can vary; did you mean `probe.rate`?'],
    ],
    [
      'an unknown key of the top',
      '{prob: [1]}',
      ['5:8: `prob` is no key of a scenario that can vary; did you mean `probe`?'],
    ],
    ['a key that names the sweep', '{name: [a, b]}', ['5:8: `name` cannot vary']],
    ['no list', '{probe.rate: 5/s}', ['5:20: `probe.rate` must have a list of values, with at least one']],
    [
      'an empty list',
      '{probe.rate: []}',
      ['5:20: `probe.rate` must have a list of values, with at least one'],
    ],
    ['no map', '[probe.rate]', ['5:7: `vary` must be a map from key to list of values']],
    [
      'nothing',
      '{}',
      ['5:7: `vary` has no key; write one, such as `bundle.counter.memory: [64MiB, 256MiB]`'],
    ],
    ['a value that is there twice', '{probe.rate: [5/s, 5/s]}', ['5:26: 5/s is there twice']],
    [
      'a value that is wrong',
      '{probe.rate: [5/s, x]}',
      [expect.stringMatching(/^5:26: `rate` must be requests a second/)],
    ],
    [
      'a key within another',
      '{probe: [{}], probe.rate: [5/s]}',
      ['5:21: `probe.rate` is part of another key that varies'],
    ],
    [
      'too many cells',
      `{migration.count: [${upTo(73)}], probe.rate: [${upTo(137)}]}`,
      ['5:7: `vary` makes 10,001 cells; at most 10,000 can be'],
    ],
  ])('%s', (_, vary, expected) => {
    const text = minimal(`vary: ${vary}\n`);
    expect(told(text).map((line) => line.replace('x.yaml:', ''))).toEqual(expected);
  });
});
