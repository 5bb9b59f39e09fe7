import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunRecord } from '../../../harness/model.ts';
import { recordOf, scenario, scratch, thaw } from '../../e2e/thaw.ts';
import { onGuest, whenCriuRuns } from '../guest.ts';
import { whyNoMachines } from '../machines.ts';

const why = whyNoMachines();
let place: ReturnType<typeof scratch>;
beforeEach(() => {
  place = scratch();
});
afterEach(() => place.remove());

/** One migration of nginx between two guests, the first of which is the source. */
async function migrate(path: string): Promise<{ status: number | null; record: RunRecord }> {
  const file = place.write(
    'nginx.yaml',
    scenario('nginx-established', (text) =>
      text
        .replace('  count: 5', `  path: ${path}\n  count: 1`)
        .replace('warm-up: 1', 'warm-up: 0')
        .replace('rate: 100/s', 'rate: 5/s'),
    ),
  );
  const ended = await thaw('run', file, '--testbed', 'vagrant', '--reports', place.path, '--json');
  return { status: ended.status, record: recordOf(ended) };
}

describe.skipIf(why !== null)(`faults of machines${why === null ? '' : ` (skipped: ${why})`}`, () => {
  test('a destination that dies in the middle of a restore: the container runs on at the source', async () => {
    whenCriuRuns('rhel02', 'sleep 0.5; echo o >/proc/sysrq-trigger');
    const { status, record } = await migrate('[rhel01, rhel02]');
    expect(status).toBe(1);
    expect(record.migrations.map(({ outcome }) => outcome)).toEqual([
      { state: 'failed', phase: 'restore', survivor: 'rhel01', rolledBack: true, error: expect.any(String) },
    ]);
    expect(record.servedBy.map(({ host }) => host)).toEqual(['rhel01']);
    expect(onGuest('rhel01', 'runc list -q; pidof nginx criu')).toBe('');
  });

  test('a source that dies in the middle of a checkpoint: the record says that the container is lost', async () => {
    expect((await thaw('testbed', 'up')).status).toBe(0);
    whenCriuRuns('rhel02', 'sleep 0.5; echo o >/proc/sysrq-trigger');
    const { status, record } = await migrate('[rhel02, rhel01]');
    expect(status).toBe(1);
    expect(record.migrations.map(({ outcome }) => outcome)).toEqual([
      { state: 'failed', phase: 'dump', survivor: null, rolledBack: false, error: expect.any(String) },
    ]);
    expect(onGuest('rhel01', 'runc list -q; pidof nginx criu')).toBe('');
    expect((await thaw('testbed', 'up')).status).toBe(0);
  });

  test('a connection that is cut during a dump: the container runs on, and only once', async () => {
    whenCriuRuns('rhel01', "sleep 0.3; pkill -KILL -f 'sshd: vagrant'");
    const { status, record } = await migrate('[rhel01, rhel02]');
    expect(status).toBe(1);
    const [outcome] = record.migrations.map((migration) => migration.outcome);
    expect(outcome).toMatchObject({ state: 'failed', phase: 'dump', survivor: 'rhel01' });
    for (const host of ['rhel01', 'rhel02'])
      expect([host, onGuest(host, 'runc list -q; pidof nginx criu')]).toEqual([host, '']);
  });

  test('a share without room: the dump fails, and the container runs on at the source', async () => {
    // Filled when CRIU begins: nothing could be prepared on a share that is full before.
    whenCriuRuns('rhel01', 'fallocate -l $(($(stat -f -c %f /srv/runc) * 4096 - 65536)) /srv/runc/full');
    try {
      const { status, record } = await migrate('[rhel01, rhel02]');
      expect(status).toBe(1);
      const [outcome] = record.migrations.map((migration) => migration.outcome);
      expect(outcome).toMatchObject({ state: 'failed', phase: 'dump', survivor: 'rhel01' });
    } finally {
      onGuest('rhel01', 'rm -f /srv/runc/full');
    }
  });
});
