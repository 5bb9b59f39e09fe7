/** Runs that are ended at random instants, a seed each: some of them here and now, more where there is time. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cleanUp } from '../../harness/testbed/clean.ts';
import { type Inventory, inventory, settledInventory } from './machine.ts';
import { random, scenario, scratch, start, thaw } from './thaw.ts';

/** About as long as one of them takes: as much of it is migrations as of a longer one. */
const RUN_MS = 3_500;
const RUN = ['--count', '2', '--warm-up', '0', '--json'];

export function killedAtRandom(sigkill: readonly number[], ctrlC: readonly number[]): void {
  let place: ReturnType<typeof scratch>;
  let before: Inventory;
  /** httpd, without a rest between its migrations. */
  let brisk: string;
  beforeAll(async () => {
    place = scratch();
    brisk = place.write(
      'brisk.yaml',
      scenario('httpd', (text) => text.replace('pause: 500ms', 'pause: 0ms')),
    );
    // With warm caches every run is as long as the next.
    await thaw('run', brisk, '--count', '1', '--warm-up', '0', '--reports', place.path, '--json');
    await cleanUp({ dryRun: false });
    before = inventory();
  });
  afterAll(() => place.remove());

  test.each(sigkill)(
    'SIGKILL at a random instant (seed %d): clean removes whatever is left',
    async (seed) => {
      const { child, ended } = start(['run', brisk, ...RUN, '--reports', place.path]);
      await new Promise((resolve) => setTimeout(resolve, random(seed)() * RUN_MS));
      child.kill('SIGKILL');
      await ended;
      const cleaned = await cleanUp({ dryRun: false });
      expect(cleaned.left).toEqual([]);
      expect(await settledInventory(before)).toEqual(before);
    },
  );

  test.each(ctrlC)('Ctrl-C at a random instant (seed %d): 130, and nothing to clean', async (seed) => {
    const { child, ended } = start(['run', brisk, ...RUN, '--reports', place.path]);
    await new Promise((resolve) => setTimeout(resolve, 1_000 + random(seed + 100)() * RUN_MS));
    const running = child.exitCode === null && child.kill('SIGINT');
    const { status } = await ended;
    expect([running ? 130 : 0, 0]).toContain(status);
    expect(await settledInventory(before)).toEqual(before);
    const cleaned = await cleanUp({ dryRun: true });
    expect(cleaned).toEqual({ removed: [], left: [], running: [] });
  });
}
