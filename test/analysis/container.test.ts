import { describe, expect, it } from 'vitest';
import { containerChange } from '../../harness/analysis/container.ts';
import type { MigrationOutcome } from '../../harness/model.ts';

const completed = { outcome: { state: 'completed' } as MigrationOutcome };
const had = ['process 1, child of 0: perl', 'descriptor 3 of process 1: /tmp/a', 'mount /: overlay ro'];

describe('what a container has of what it had', () => {
  it('is told line by line', () => {
    const after = ['process 1, child of 0: perl', 'mount /: overlay ro', 'mount /tmp: tmpfs rw'];
    expect(containerChange(completed, { container: { before: had, after } }, true)).toEqual({
      same: 2,
      gone: ['descriptor 3 of process 1: /tmp/a'],
      new: ['mount /tmp: tmpfs rw'],
    });
  });

  it('is not asked, or unknown, with the reason', () => {
    const container = { before: had, after: null };
    const failed: MigrationOutcome = {
      state: 'failed',
      phase: 'dump',
      survivor: 'a',
      rolledBack: false,
      error: '',
    };
    expect([
      containerChange(completed, { container }, false),
      containerChange(completed, { container }, true),
      containerChange({ outcome: failed }, { container }, true),
    ]).toEqual([
      null,
      { unknown: 'what it had after was not told: it takes Perl on the host' },
      { unknown: 'the migration failed at dump' },
    ]);
  });
});
