import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SuiteResult } from '../../harness/analysis/suite/result.ts';
import { inventory, settledInventory, whyNotHere } from './machine.ts';
import { ROOT, scratch, thaw } from './thaw.ts';

const why = whyNotHere();
let place: ReturnType<typeof scratch>;
beforeEach(() => {
  place = scratch();
});
afterEach(() => place.remove());

describe.skipIf(why !== null)(`a suite${why === null ? '' : ` (skipped: ${why})`}`, () => {
  test('in two shards: what passes, what fails as expected, and what cannot begin, merged into one', async () => {
    const before = inventory();
    const file = place.write(
      'suite.yaml',
      JSON.stringify({
        suite: 'small',
        scenarios: [join(ROOT, 'scenarios/counter.yaml'), join(ROOT, 'scenarios/failures/file-lock.yaml')],
        set: { 'migration.count': 1, 'migration.warm-up': 0 },
        include: [{ scenario: 'counter', toolchain: 'path:/nonexistent' }],
        expect: [
          { where: { scenario: 'failure-file-lock' }, fail: 'file-lock', until: '9999-12-31', why: 'a test' },
        ],
      }),
    );
    const results: string[] = [];
    for (const shard of ['1/2', '2/2']) {
      const reports = join(place.path, shard.replace('/', '-of-'));
      const ended = await thaw('suite', file, '--shard', shard, '--reports', reports, '--json', '--quiet');
      const result = JSON.parse(ended.stdout) as SuiteResult;
      expect(result.cells.length).toBeGreaterThan(0);
      const saved = join(place.path, `shard-${shard[0]}.json`);
      place.write(`shard-${shard[0]}.json`, JSON.stringify({ schema: 1, ...result }));
      results.push(saved);
    }
    const into = join(place.path, 'whole.json');
    const merged = await thaw('merge', ...results, '--into', into, '--json');
    const whole = JSON.parse(merged.stdout) as SuiteResult;
    expect(whole.cells.map(({ id, state }) => [id, state])).toEqual([
      ['counter', 'pass'],
      ['counter[toolchain=path:/nonexistent]', 'unknown'],
      ['failure-file-lock', 'expected'],
    ]);
    expect(merged.status).toBe(2);
    // What did not pass the last time, and nothing else, is what is to be run again.
    const again = await thaw('plan', file, '--last-failed', '--earlier', into, '--json');
    expect((JSON.parse(again.stdout) as { cells: { id: string }[] }).cells.map(({ id }) => id)).toEqual([
      'counter[toolchain=path:/nonexistent]',
    ]);
    expect(await settledInventory(before)).toEqual(before);
  });
});
