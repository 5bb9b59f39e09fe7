/** Runs that go on for long: their files are kept small, and what was broken off goes on. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanUp } from '../../harness/testbed/clean.ts';
import { type Inventory, inventory, settledInventory, whyNotHere } from './machine.ts';
import { recordOf, scenario, scratch, start, thaw } from './thaw.ts';

const why = whyNotHere();
let place: ReturnType<typeof scratch>;
let before: Inventory;

describe.skipIf(why !== null)(`long runs${why === null ? '' : ` (skipped: ${why})`}`, () => {
  beforeAll(async () => {
    place = scratch();
    await cleanUp({ dryRun: false });
    before = inventory();
  });
  afterAll(() => place.remove());

  test('a run is killed, reported on while it goes on and after, goes on as a second part, and leaves nothing', async () => {
    const brisk = place.write(
      'brisk.yaml',
      scenario('httpd', (text) => text.replace('pause: 500ms', 'pause: 100ms')),
    );
    const args = ['run', brisk, '--count', '12', '--no-limits', '--reports', place.path];
    const { child, ended } = start([...args, '--for', '1h', '--json']);
    const directory = await runWith(place.path, 4);
    const living = await thaw('report', directory, '--json');
    expect(living.stderr).toContain(`this run still goes on (process ${child.pid}, migration `);
    expect(recordOf(living).outcome).toBe('interrupted');
    const refused = await thaw('run', '--resume', directory);
    expect([refused.status, refused.stderr]).toEqual([
      64,
      expect.stringContaining('still goes on: process '),
    ]);
    child.kill('SIGKILL');
    await ended;

    const resumed = await thaw('run', '--resume', directory, '--json');
    const record = recordOf(resumed);
    const [part] = record.head.continues;
    const measured = record.migrations.filter(({ warmUp }) => !warmUp).length;
    expect(part).toMatchObject({ outcome: 'interrupted', failed: 0 });
    expect((part?.migrations ?? 0) + measured).toBe(12);
    expect([resumed.status, record.outcome]).toEqual([0, 'completed']);
    const second = join(directory, '..', record.head.id);
    const told = (await thaw('report', second)).stdout;
    expect(told).toMatch(/together 0 of 12 failed: 0.00 %, 95 % interval 0.00 % to \d+\.\d\d %/);

    // Logs of what completed are compressed as the run goes, and read back as they were.
    const [kept = ''] = readdirSync(join(second, 'migrations')).sort();
    const files = readdirSync(join(second, 'migrations', kept));
    expect(files).toContain('dump.log.gz');
    expect(files).not.toContain('dump.log');
    expect(record.migrations.every(({ frozenWindow }) => 'window' in frozenWindow)).toBe(true);
    expect((await thaw('run', '--resume', second)).stderr).toContain('has come to its end: completed');
    await cleanUp({ dryRun: false });
    expect(await settledInventory(before)).toEqual(before);
  });

  test('a run of a given time ends with it, and its samples lie in pieces that are read as one', async () => {
    const run = await thaw(
      ...['run', 'scenarios/httpd.yaml', '--for', '2s', '--warm-up', '0', '--no-limits'],
      ...['--reports', place.path, '--json'],
    );
    const record = recordOf(run);
    expect(record.outcome).toBe('completed');
    const begun = record.migrations.map(({ spans }) => spans[0]?.start.earliest ?? Number.NaN);
    expect(begun.length).toBeGreaterThan(0);
    expect(Math.max(...begun) - Math.min(...begun)).toBeLessThanOrEqual(2_000);
    expect(record.verdicts.find(({ check }) => check === 'failed migrations')?.state).toBe('pass');
  });
});

/** The one run below those reports, once it has so many migrations on disk. */
async function runWith(reports: string, migrations: number): Promise<string> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const parent = join(reports, 'httpd');
    const [name = ''] = existsSync(parent) ? readdirSync(parent) : [];
    const sign = join(parent, name, 'heartbeat.json');
    if (name !== '' && existsSync(sign)) {
      if (JSON.parse(readFileSync(sign, 'utf8')).migration >= migrations) return join(parent, name);
    }
    if (Date.now() > deadline) throw new Error(`not ${migrations} migrations within two minutes`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
