import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cacheDirectory } from '../../harness/paths.ts';
import { cleanUp } from '../../harness/testbed/clean.ts';
import { killedAtRandom } from './killing.ts';
import { alone, type Inventory, inventory, lines, settledInventory, whyNotHere } from './machine.ts';
import { recordOf, scratch, start, thaw } from './thaw.ts';

const why = whyNotHere();
let place: ReturnType<typeof scratch>;
let before: Inventory;
let roots: string[];

const cachedRoots = (): string[] =>
  readdirSync(`${cacheDirectory()}/roots`)
    .filter((name) => !/\.lock$|\.partial-/.test(name))
    .sort();

/** Resolves when a run in that folder has its first migration on disk. */
async function firstMigration(reports: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (lines(`cat ${reports}/*/*/migrations.ndjson 2>/dev/null`).length === 0) {
    if (Date.now() > deadline) throw new Error('no migration within a minute');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe.skipIf(why !== null)(
  `runs that are ended from outside${why === null ? '' : ` (skipped: ${why})`}`,
  () => {
    beforeAll(async () => {
      place = scratch();
      await cleanUp({ dryRun: false });
      before = inventory();
      roots = cachedRoots();
    });
    afterAll(() => place.remove());

    killedAtRandom([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [1, 2, 3, 4]);

    // A job that is cancelled, and timeout(1), end all processes of its group.
    test.each([
      ['it alone', 1],
      ['its whole group', -1],
    ])('SIGTERM to %s in the middle ends with 143 and a record that says so', async (_, sign) => {
      const reports = `${place.path}/sigterm${sign}`;
      const args = ['run', 'scenarios/httpd.yaml', '--count', '50', '--reports', reports, '--json'];
      const { child, ended } = start(args, { ownGroup: true });
      await firstMigration(reports);
      process.kill(sign * (child.pid as number), 'SIGTERM');
      const end = await ended;
      expect(end.status).toBe(143);
      const record = recordOf(end);
      expect({ outcome: record.outcome, reason: record.tail?.reason, verdict: record.verdict }).toEqual({
        outcome: 'interrupted',
        reason: 'interrupted by SIGTERM',
        verdict: 'unknown',
      });
      expect(record.migrations.length).toBeGreaterThan(0);
      expect(await settledInventory(before)).toEqual(before);
    });

    test('SIGKILL while settings of the machine are changed: clean puts them back', () =>
      alone(async () => {
        const settings = (): string[] =>
          lines('cat /proc/sys/fs/pipe-max-size /proc/sys/fs/pipe-user-pages-soft');
        const were = settings();
        const reports = `${place.path}/killed`;
        const { child, ended } = start(['run', 'scenarios/post-copy.yaml', '--reports', reports, '--json']);
        await firstMigration(reports);
        expect(settings()).not.toEqual(were);
        child.kill('SIGKILL');
        await ended;
        const { removed, left } = await cleanUp({ dryRun: false });
        expect(left).toEqual([]);
        expect(removed).toContainEqual(expect.stringContaining('settings of this machine, put back'));
        expect(settings()).toEqual(were);
        expect(await settledInventory(before)).toEqual(before);
      }));

    test('after all of that the caches are whole, and a run passes', async () => {
      // Other files may have made some meanwhile.
      expect(cachedRoots()).toEqual(expect.arrayContaining(roots));
      expect((await cleanUp({ dryRun: true })).removed).toEqual([]);
      const ended = await thaw(
        'run',
        'scenarios/httpd.yaml',
        '--count',
        '1',
        '--reports',
        place.path,
        '--json',
      );
      expect(recordOf(ended).verdict).toBe('pass');
      expect(ended.stderr).not.toContain('building');
    });
  },
);
