import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Comparison, comparisonSchema } from '../../harness/analysis/compare/comparison.ts';
import { whyNotHere } from './machine.ts';
import { recordOf, scenario, scratch, thaw } from './thaw.ts';

const why = whyNotHere();

describe.skipIf(why !== null)(`thaw compare${why === null ? '' : ` (skipped: ${why})`}`, () => {
  let place: ReturnType<typeof scratch>;
  let base: string;
  let again: string;
  let slower: string;

  beforeAll(async () => {
    place = scratch();
    const brisk = scenario('httpd', (text) => text.replace('pause: 500ms', 'pause: 50ms'));
    const same = place.write('brisk.yaml', brisk);
    base = await run(same);
    again = await run(same);
    // Many more processes to dump and to restore.
    const heavy = brisk.replaceAll(
      '-DFOREGROUND]',
      '-DFOREGROUND, -c, StartServers 25, -c, MaxSpareThreads 1000]',
    );
    slower = await run(place.write('slower.yaml', heavy));
  });
  afterAll(() => place.remove());

  async function run(path: string): Promise<string> {
    // Quick and slow freezes are compared each with their like: with six migrations, chance can leave too few of either.
    const ended = await thaw('run', path, '--count', '10', '--reports', place.path, '--json', '--no-limits');
    return join(place.path, 'httpd', recordOf(ended).head.id);
  }

  // A shared machine may become busier between two runs: what is looked for is more than that.
  test('shows no difference between two runs of the same', async () => {
    const csv = join(place.path, 'compare.csv');
    const ended = await thaw('compare', base, again, '--threshold', '400%', '--json', '--csv', csv);
    const found = comparisonSchema.parse(JSON.parse(ended.stdout));
    const untold = found.cells.flatMap(({ measurements }) =>
      measurements
        .filter(({ verdict }) => verdict === 'unknown')
        .map(({ measurement, why }) => `${measurement}: ${why}`),
    );
    expect({ status: ended.status, verdict: found.verdict, stderr: ended.stderr, untold }).toEqual({
      status: 0,
      verdict: 'no difference shown',
      stderr: '',
      untold: [],
    });
    expect(found.cells.map(({ differences }) => differences)).toEqual([[]]);
    expect(readFileSync(csv, 'utf8').split('\r\n')).toHaveLength(1 + 7 + 1);
    // The same of a baseline that was kept, to the byte.
    const kept = join(place.path, 'base.json');
    expect((await thaw('compare', '--save-baseline', kept, base)).status).toBe(0);
    const against = await thaw('compare', '--baseline', kept, again, '--threshold', '400%', '--json');
    expect([against.status, against.stdout]).toEqual([0, ended.stdout]);
  });

  test('refuses another scenario, and flags it where that is allowed', async () => {
    const refused = await thaw('compare', base, slower);
    expect([refused.status, refused.stdout]).toEqual([64, '']);
    expect(refused.stderr).toMatch(
      /^thaw: base and candidate differ in more than their toolchains:\n {2}httpd: scenario\.bundle\.args/,
    );
    const ended = await thaw('compare', base, slower, '--allow-differences', '--json');
    const found = JSON.parse(ended.stdout) as Comparison;
    expect([ended.status, found.verdict]).toEqual([1, 'regressed']);
    // Times depend on what else the machine does; what more processes add to the images does not.
    const bytes = found.cells[0]?.measurements.find(({ measurement }) => measurement === 'image-bytes');
    expect(bytes?.verdict).toBe('regressed');
    expect(found.cells[0]?.differences.map(({ what }) => what)).toContain('scenario.bundle.args.debian.2');
  });

  test('of two toolchains in one session takes their runs in turns, and tells which they were', async () => {
    const reports = join(place.path, 'against');
    const args = ['scenarios/nginx-established.yaml', '--count', '2', '--warm-up', '0', '--reports', reports];
    const ended = await thaw('run', ...args, '--against', 'auto', '--rounds', '2', '--quiet');
    // By the time of their beginning: base, candidate, candidate, base.
    const [first, second, third, fourth, ...more] = readdirSync(join(reports, 'nginx-established')).sort();
    expect(more).toEqual([]);
    const told = [...ended.stdout.matchAll(/nginx-established\/(\S+)/g)].map(([, id]) => id);
    expect(told).toEqual([first, fourth, second, third]);
    const words = { improved: 0, 'no difference shown': 0, regressed: 1, unknown: 2 };
    const word = Object.keys(words).find((one) =>
      ended.stdout.toLowerCase().startsWith(one),
    ) as keyof typeof words;
    expect({ word, status: ended.status }).toEqual({ word, status: words[word] });
  });
});
