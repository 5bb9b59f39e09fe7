import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SweepResult } from '../../harness/analysis/sweep/result.ts';
import { cacheDirectory } from '../../harness/paths.ts';
import { inventory, settledInventory, whyNotHere } from './machine.ts';
import { ROOT, recordOf, scenario, scratch, thaw } from './thaw.ts';

const why = whyNotHere();
let place: ReturnType<typeof scratch>;
beforeAll(() => {
  place = scratch();
});
afterAll(() => place.remove());

const changed = (from: string, to: string): string => {
  const text = scenario('httpd');
  if (!text.includes(from)) throw new Error(`the scenario has no ${from}`);
  return text.replace(from, to);
};

describe('what the user wrote is wrong: exit 64, with the place and what to write instead', () => {
  test.each([
    ['an unknown key', changed('probe:', 'prob:'), ['there is no `prob` here', 'did you mean `probe`']],
    ['a wrong type', changed('count: 10', 'count: ten'), ['`count` must be a whole number', 'not `ten`']],
    [
      'a host that is not in the path',
      `${scenario('httpd')}\ntoolchain: { rhel03: auto }\n`,
      ['`rhel03` is not in `migration.path`'],
    ],
    ['a rate of 0', changed('100/s', '0'), ['`rate` must be', 'not `0`']],
    ['a rate of a million', changed('100/s', '1000000'), ['`rate` must be', '20000']],
    ['a path outside', changed('/tmp/rhel7-httpd/index.html', '/tmp/../etc/passwd'), ['without ..']],
    [
      'a YAML bomb',
      `a: &a [x, x]\nb: &b [${'*a, '.repeat(60)}*a]\nname: [${'*b, '.repeat(60)}*b]\n`,
      ['aliases expand to too much'],
    ],
    ['broken YAML', 'name: [', ['thaw: ', ':1:']],
  ])('%s', async (name, text, expected) => {
    const file = place.write(`${name.replaceAll(' ', '-')}.yaml`, text);
    const ended = await thaw('run', file, '--reports', place.path);
    expect(ended.status).toBe(64);
    for (const part of expected) expect(ended.stderr).toContain(part);
  });

  test('a scenario that is a directory, or not there', async () => {
    const directory = await thaw('run', place.path);
    expect([directory.status, directory.stderr]).toEqual([64, expect.stringContaining('it is a directory')]);
    const missing = await thaw('run', join(place.path, 'none.yaml'));
    expect([missing.status, missing.stderr]).toEqual([64, expect.stringContaining('there is no such file')]);
  });

  test('something that is no run directory', async () => {
    const ended = await thaw('report', place.path);
    expect([ended.status, ended.stderr]).toEqual([64, expect.stringContaining('is no run directory')]);
  });
});

describe.skipIf(why !== null)(`on a machine that can run${why === null ? '' : ` (skipped: ${why})`}`, () => {
  test('a damaged run directory is refused with the file that is damaged', async () => {
    const record = recordOf(
      await thaw(
        'run',
        'scenarios/httpd.yaml',
        '--count',
        '1',
        '--warm-up',
        '0',
        '--reports',
        place.path,
        '--json',
      ),
    );
    const original = join(place.path, 'httpd', record.head.id);
    const truncated = join(place.path, 'truncated');
    cpSync(original, truncated, { recursive: true });
    truncateSync(join(truncated, 'migrations/0001/stats-dump'), 20);
    const stats = await thaw('report', truncated);
    expect([stats.status, stats.stderr]).toEqual([
      64,
      expect.stringContaining('stats-dump: damaged at byte'),
    ]);

    const newer = join(place.path, 'newer');
    cpSync(original, newer, { recursive: true });
    writeFileSync(join(newer, 'head.json'), JSON.stringify({ ...record.head, schema: 99 }));
    const schema = await thaw('report', newer);
    expect([schema.status, schema.stderr]).toEqual([64, expect.stringContaining('schema 99')]);
  });

  test('more memory than there is: exit 2 before anything begins, with what is there and what is wanted', async () => {
    const text = scenario('counter').replace('memory: 32MiB', 'memory: 1000GiB');
    const file = place.write('memory.yaml', `${text}\ntestbed: { share: 1024GiB }\n`);
    const ended = await thaw('run', file, '--reports', place.path);
    expect([ended.status, ended.stderr]).toEqual([
      2,
      expect.stringMatching(/too little room on rhel01: \d+ MiB available, 2048064 wanted/),
    ]);
  });

  test('a cell of a sweep that finds no room says so, and ends no other', async () => {
    const text = `${scenario('counter').replace('count: 5, warm-up: 1', 'count: 1, warm-up: 0')}\nvary: { bundle.counter.memory: [1000MiB, 8MiB] }\nrounds: 1\n`;
    const ended = await thaw('sweep', place.write('room.yaml', text), '--reports', place.path, '--json');
    const { cells, done, planned } = JSON.parse(ended.stdout) as SweepResult;
    expect({ status: ended.status, done, planned }).toEqual({ status: 2, done: 1, planned: 2 });
    expect(cells.map(({ verdict, migrations, notPassed }) => [verdict, migrations, notPassed])).toEqual([
      [
        'unknown',
        0,
        [expect.stringMatching(/^could not begin: there is too little room on rhel01: 1024 MiB free/)],
      ],
      ['pass', 1, []],
    ]);
  });

  test('strategies that a runtime lacks: none is replaced by another, each says what is missing', async () => {
    const text = `${scenario('counter')}\nruntime: crun\nvary: { migration.strategy: [post-copy, hybrid] }\nrounds: 1\n`;
    const ended = await thaw('sweep', place.write('crun.yaml', text), '--reports', place.path, '--json');
    const { cells } = JSON.parse(ended.stdout) as SweepResult;
    expect(ended.status).toBe(2);
    expect(cells.map(({ migrations, skipped }) => [migrations, skipped])).toEqual([
      [0, 'post-copy needs lazy pages, which crun does not have'],
      [0, 'hybrid needs lazy pages, which crun does not have'],
    ]);
  });

  test('a package that nobody has', async ({ skip }) => {
    const before = inventory();
    const text = changed('packages: [apache2]', 'packages: [apache2, no-such-package]');
    const file = place.write('package.yaml', text.replaceAll('rhel7-httpd', 'nobodys'));
    const ended = await thaw('run', file, '--reports', place.path);
    if (ended.stderr.includes('Temporary failure resolving')) skip('the package mirror is not in reach');
    expect([ended.status, ended.stderr]).toEqual([64, expect.stringContaining('no package no-such-package')]);
    // Nothing of it stays in the cache, half-built or whole.
    const roots = readdirSync(join(cacheDirectory(), 'roots'));
    expect(roots.filter((name) => name.startsWith('root-of-nobodys-'))).toEqual([]);
    const holds = (name: string): boolean => {
      const manifest = join(cacheDirectory(), 'roots', name, 'manifest.json');
      return existsSync(manifest) && readFileSync(manifest, 'utf8').includes('no-such-package');
    };
    expect(roots.filter(holds)).toEqual([]);
    expect(await settledInventory(before)).toEqual(before);
  });

  test('a reports folder that cannot be written', async () => {
    const ended = await thaw('run', 'scenarios/httpd.yaml', '--reports', '/dev/null/reports');
    expect([ended.status, ended.stderr]).toEqual([2, expect.stringContaining('/dev/null/reports')]);
  });

  test('no space for the run: exit 2, and a clean machine', async () => {
    const before = inventory();
    const script = `mount -t tmpfs -o size=128k full "$1" && exec "$2" dist/main.js run scenarios/httpd.yaml --count 3 --reports "$1"`;
    const argv = [
      '-m',
      '--propagation',
      'private',
      '/bin/sh',
      '-c',
      script,
      'sh',
      place.path,
      process.execPath,
    ];
    let status = 0;
    let stderr = '';
    try {
      execFileSync('unshare', argv, { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' });
    } catch (error) {
      ({ status, stderr } = error as { status: number; stderr: string });
    }
    expect({ status, says: /no space|ENOSPC/i.test(stderr) }).toEqual({ status: 2, says: true });
    expect(await settledInventory(before)).toEqual(before);
  });
});
