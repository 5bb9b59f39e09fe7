import { describe, expect, it } from 'vitest';
import { execute } from '../../harness/cli/execute.ts';
import { minimisedOf, reproOf } from '../report/repro/fixture.ts';
import { fakeContext } from './fake-context.ts';

const ROOT = { uid: 0, platform: 'linux' as const };

describe('thaw repro', () => {
  it('runs it again once, and shows what came out', async () => {
    const fake = fakeContext(['repro', 'r/1'], ROOT);
    expect(await execute(fake.context)).toBe(0);
    expect(fake.calls).toEqual([
      ['record', 'r/1'],
      [
        'reproduce',
        {
          ...{ run: 'r/1', times: 1, untilFailure: false, stress: [], capture: [], keep: false },
          reportsDirectory: 'reports',
        },
      ],
    ]);
    expect(fake.out()).toContain('REPRODUCED');
  });

  it('runs nothing of a run that was not begun here, and tells what it would, unless --yes says so', async () => {
    const actions = { isOurs: async () => false };
    const fake = fakeContext(['repro', 'r/1'], { ...ROOT, actions });
    expect(await execute(fake.context)).toBe(64);
    expect(fake.calls).toEqual([['record', 'r/1']]);
    expect(fake.err()).toContain('was not begun here, or has been changed since');
    expect(fake.err()).toMatch(/bundle \S+; on rhel01 toolchain \S+; on rhel02 toolchain/);
    const smaller = fakeContext(['repro', 'r/1', '--minimise', 's.yaml'], { ...ROOT, actions });
    expect(await execute(smaller.context)).toBe(64);
    const sure = fakeContext(['repro', 'r/1', '--yes'], { ...ROOT, actions });
    expect(await execute(sure.context)).toBe(0);
    expect(sure.calls.map((call) => (call as string[])[0])).toEqual(['record', 'reproduce']);
    // What runs nothing needs no word.
    expect(await execute(fakeContext(['repro', 'r/1', '--script', 'r.sh'], { actions }).context)).toBe(0);
  });

  it('packs a run, without root and without running anything, and tells what was redacted', async () => {
    const fake = fakeContext(['repro', 'r/1/record.json', '--pack', 'bug.tar.gz']);
    expect(await execute(fake.context)).toBe(0);
    expect(fake.calls).toEqual([
      ['record', 'r/1/record.json'],
      ['pack', 'r/1', 'bug.tar.gz', { images: false }],
    ]);
    expect(fake.out()).toContain('redacted: secret, 1 different in 2 places, as REDACTED-secret-1');
    expect(fake.out()).toContain('left out: x, a symbolic link');
    const whole = fakeContext(['repro', 'r/1', '--pack', 'bug.tar.gz', '--images']);
    expect(await execute(whole.context)).toBe(0);
    expect(whole.out()).toContain(
      'NOT redacted: migrations/0001/images-rhel01.tar.gz, memory of the container',
    );
    const both = fakeContext(['repro', 'r/1', '--pack', 'b', '--repeat', '2']);
    expect(await execute(both.context)).toBe(64);
  });

  it('writes a script, without root and without running anything', async () => {
    const written: string[] = [];
    const actions = {
      writeReport: async (...file: string[]) => {
        written.push(...file);
      },
    };
    const fake = fakeContext(['repro', 'r/1', '--script', 'r.sh'], { actions });
    expect(await execute(fake.context)).toBe(0);
    expect(written).toEqual(['r.sh', '#!/bin/sh\n']);
    expect(fake.out()).toContain('sudo sh r.sh');
    expect(await execute(fakeContext(['repro', 'r/1', '--script', 'r', '--keep']).context)).toBe(64);
    expect(await execute(fakeContext(['repro', 'r/1', '--script', 'r', '--pack', 'b']).context)).toBe(64);
  });

  it('hands on what is asked for', async () => {
    const argv = [
      ...['repro', 'r/1', '--until-failure', '9', '--stress', 'cpu', 'disk', '--keep', '--json'],
      ...['--capture', 'core', 'images'],
    ];
    const fake = fakeContext(argv, ROOT);
    await execute(fake.context);
    const asked = {
      times: 9,
      untilFailure: true,
      stress: ['cpu', 'disk'],
      keep: true,
      capture: ['core', 'images'],
    };
    expect(fake.calls[1]).toEqual(['reproduce', expect.objectContaining(asked)]);
    expect(JSON.parse(fake.out())).toEqual(reproOf());
  });

  it.each([
    ['reproduced', 0],
    ['other', 1],
    ['passed', 1],
    ['unknown', 2],
  ] as const)('ends with the code of %s', async (state, code) => {
    const actions = { reproduce: async () => reproOf({ state }) };
    expect(await execute(fakeContext(['repro', 'r/1'], { ...ROOT, actions }).context)).toBe(code);
  });

  it('writes the smallest scenario', async () => {
    const written: string[] = [];
    const actions = {
      writeReport: async (...file: string[]) => {
        written.push(...file);
      },
    };
    const fake = fakeContext(['repro', 'r/1', '--minimise', 's.yaml', '--until-failure', '3'], {
      ...ROOT,
      actions,
    });
    expect(await execute(fake.context)).toBe(0);
    expect(written).toEqual(['s.yaml', minimisedOf().scenario]);
    expect(fake.calls[1]).toEqual(['minimise', 'r/1', 3]);
    expect(fake.out()).toContain('written to s.yaml');
  });

  it.each([
    [['--repeat', '3', '--until-failure', '3'], '--repeat goes with neither'],
    [['--repeat', '3', '--minimise', 's.yaml'], '--repeat goes with neither'],
    [['--images'], '--images goes with --pack'],
    [['--pack', 'b', '--capture', 'images'], '--pack runs nothing'],
    [['--keep', '--minimise', 's.yaml'], '--keep does not go with --minimise'],
    [['--stress', 'sun'], 'Allowed choices are cpu, memory, disk'],
    [['--repeat', '0'], 'at least 1'],
  ])('refuses %j', async (more, told) => {
    const fake = fakeContext(['repro', 'r/1', ...more], ROOT);
    expect(await execute(fake.context)).toBe(64);
    expect(fake.err()).toContain(told);
    expect(fake.calls).toEqual([]);
  });

  it('needs root like the run itself', async () => {
    const fake = fakeContext(['repro', 'r/1'], { uid: 1000, platform: 'linux' });
    expect(await execute(fake.context)).toBe(2);
    expect(fake.err()).toContain('sudo npx thaw repro r/1');
  });
});
