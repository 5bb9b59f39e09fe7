import { describe, expect, it } from 'vitest';
import { type MigrationSpan, writeHistory } from '../../harness/analysis/writes.ts';
import type { WriteHistory } from '../../harness/model.ts';
import { answered } from './fixture.ts';

interface Told {
  end: number;
  acknowledged: number;
  lost?: number;
  checks: number;
  on: string;
  sent?: number;
}

const MIGRATIONS: MigrationSpan[] = [
  { number: 1, begunMs: 100, destination: 'rhel02', completed: true },
  { number: 2, begunMs: 200, destination: 'rhel01', completed: true },
];

function told(answers: readonly Told[], migrations = MIGRATIONS): WriteHistory | undefined {
  const history = writeHistory();
  for (const { end, acknowledged, lost = 0, checks, on, sent = end - 1 } of answers) {
    const writes = { acknowledged, lost, checks, on };
    history.add(answered('rhel01', sent, end, { counted: { count: 1, since: 'a', writes } }));
  }
  return history.told(migrations);
}

const WHOLE: Told[] = [
  { end: 50, acknowledged: 10, checks: 1, on: 'rhel01' },
  { end: 150, acknowledged: 20, checks: 2, on: 'rhel02' },
  { end: 250, acknowledged: 30, checks: 3, on: 'rhel01' },
];

describe('acknowledged writes', () => {
  it('are not known where no answer told of them', () => {
    expect(told([])).toBeUndefined();
  });

  it('are checked after each migration where a new reading was heard of on its destination', () => {
    expect(told(WHOLE)).toEqual({ acknowledged: 30, checks: 3, checked: [1, 2], lost: [] });
  });

  it('are not checked by a reading of before the migration, on another host, or asked for before it began', () => {
    const [first, second, third] = WHOLE as [Told, Told, Told];
    expect(told([first, second, { ...third, checks: 2 }])?.checked).toEqual([1]);
    expect(told([first, { ...second, on: 'rhel01' }, third])?.checked).toEqual([2]);
    expect(told([first, second, { ...third, sent: 199 }])?.checked).toEqual([1]);
  });

  it('are not checked by a migration that failed', () => {
    const failed = MIGRATIONS.map((one) => ({ ...one, completed: false }));
    expect(told(WHOLE, failed)?.checked).toEqual([]);
  });

  it('are lost where a reading missed some, which is told once for each reading', () => {
    const missing: Told[] = [
      ...WHOLE,
      { end: 260, acknowledged: 30, lost: 4, checks: 4, on: 'rhel01' },
      { end: 270, acknowledged: 30, lost: 4, checks: 4, on: 'rhel01' },
      { end: 280, acknowledged: 30, lost: 2, checks: 5, on: 'rhel01' },
    ];
    expect(told(missing)?.lost).toEqual([
      { writes: 4, on: 'rhel01', migration: 2 },
      { writes: 2, on: 'rhel01', migration: 2 },
    ]);
  });

  it('are lost where an answer tells of fewer than one that had been received when it was asked for', () => {
    const back: Told[] = [
      { end: 90, acknowledged: 15, checks: 1, on: 'rhel01' },
      { end: 150, acknowledged: 12, checks: 2, on: 'rhel02' },
      { end: 160, acknowledged: 13, checks: 2, on: 'rhel02' },
    ];
    expect(told(back)?.lost).toEqual([{ writes: 3, on: 'rhel01', migration: 1 }]);
    const overlapping = back.map((one) => ({ ...one, sent: 80 }));
    expect(told(overlapping)?.lost).toEqual([]);
  });
});
