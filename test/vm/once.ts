/** One migration of a shipped scenario between the guests. */
import { expect } from 'vitest';
import type { MigrationResult } from '../../harness/model.ts';
import { recordOf, thaw } from '../e2e/thaw.ts';

/** A few requests a second: each connection costs an emulated machine tens of milliseconds. */
export const SLOW = ['--testbed', 'vagrant', '--no-limits', '--rate', '5', '--json'];

/** The one migration of a shipped scenario, which passes. */
export async function movedOnce(name: string, reports: string): Promise<MigrationResult> {
  const once = ['--warm-up', '0', '--count', '1', '--reports', reports];
  const ended = await thaw('run', `scenarios/${name}.yaml`, ...SLOW, ...once);
  const record = recordOf(ended);
  const told = record.verdicts.filter(({ state }) => state !== 'pass');
  const outcomes = record.migrations.map((migration) => migration.outcome);
  expect({ told, outcomes }).toEqual({ told: [], outcomes: [{ state: 'completed' }] });
  expect(ended.status).toBe(0);
  expect(record.servedBy.map(({ host }) => host)).toEqual(['rhel01', 'rhel02']);
  const [migration] = record.migrations;
  if (migration === undefined) throw new Error('the record has no migration');
  return migration;
}
