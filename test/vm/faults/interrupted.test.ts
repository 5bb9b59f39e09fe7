import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recordOf, scratch, start } from '../../e2e/thaw.ts';
import { onGuest, whenCriuRuns } from '../guest.ts';
import { whyNoMachines } from '../machines.ts';
import { SLOW } from '../once.ts';

const why = whyNoMachines();
let place: ReturnType<typeof scratch>;
beforeEach(() => {
  place = scratch();
});
afterEach(() => place.remove());

describe.skipIf(why !== null)(`Ctrl-C${why === null ? '' : ` (skipped: ${why})`}`, () => {
  test.each([
    ['the first pre-dump', 'rhel01'],
    ['the restore', 'rhel02'],
  ])(
    'in the middle of %s of pre-copy: the migration is brought to its end, and never two answer',
    async (_, host) => {
      onGuest(host, 'rm -f /run/thaw-criu-seen');
      whenCriuRuns(host, 'touch /run/thaw-criu-seen');
      const args = ['--warm-up', '0', '--count', '3', '--reports', place.path];
      const { child, ended } = start(['run', 'scenarios/pre-copy.yaml', ...SLOW, ...args], {
        ownGroup: true,
      });
      // Only while this waits is it told that the child has ended.
      while (child.exitCode === null && onGuest(host, 'ls /run/thaw-criu-seen') === '') await sleep(100);
      // As a terminal does it: to all processes of the job.
      process.kill(-(child.pid as number), 'SIGINT');
      const end = await ended;
      expect(end.status).toBe(130);
      const record = recordOf(end);
      expect(record.outcome).toBe('interrupted');
      expect(record.migrations.map(({ outcome }) => outcome)).toEqual([{ state: 'completed' }]);
      expect(record.servedBy.map((stretch) => stretch.host)).toEqual(['rhel01', 'rhel02']);
      const bad = record.verdicts.filter(({ state }) => state === 'fail');
      expect(bad).toEqual([]);
      for (const guest of ['rhel01', 'rhel02'])
        expect([guest, onGuest(guest, 'runc list -q; pidof nginx criu')]).toEqual([guest, '']);
    },
  );

  test('a connection that is cut in the middle of a restore: the container is at its source, and only there', async () => {
    whenCriuRuns('rhel02', "sleep 0.3; pkill -KILL -f 'sshd: vagrant'");
    const args = ['--warm-up', '0', '--count', '1', '--reports', place.path];
    const record = recordOf(await start(['run', 'scenarios/pre-copy.yaml', ...SLOW, ...args]).ended);
    expect(record.migrations.map(({ outcome }) => outcome)).toEqual([
      { state: 'failed', phase: 'restore', survivor: 'rhel01', rolledBack: true, error: expect.any(String) },
    ]);
    expect(record.servedBy.map((stretch) => stretch.host)).toEqual(['rhel01']);
    for (const guest of ['rhel01', 'rhel02'])
      expect([guest, onGuest(guest, 'runc list -q; pidof nginx criu')]).toEqual([guest, '']);
  });
});
