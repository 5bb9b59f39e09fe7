import { describe, expect, it } from 'vitest';
import type { MigrationResult, VerdictState } from '../../harness/model.ts';
import { renderMigrationLegend, renderMigrationLine } from '../../harness/report/migration-line.ts';
import { columnsOf } from '../../harness/report/text.ts';
import { failed, hostileRecord, migrationOf } from './fixture.ts';

const plain = { width: 80, colour: false };
const context = (number: number, verdictSoFar: VerdictState = 'pass') => ({
  number,
  total: 11,
  verdictSoFar,
});
const unknown = { unknown: 'no answer' };

const lost = (dump: MigrationResult): MigrationResult => ({
  ...failed(dump),
  outcome: { state: 'failed', phase: 'dump', survivor: null, rolledBack: false, error: ' \n\n' },
});
const stays = (dump: MigrationResult): MigrationResult => ({
  ...failed(dump),
  outcome: {
    state: 'failed',
    phase: 'dump',
    survivor: 'rhel02',
    rolledBack: false,
    error: 'runc failed on rhel02: exit 1',
  },
});

describe('the line of a migration', () => {
  it('tells hosts, frozen window, downtime, lost requests and the verdict so far', async () => {
    const lines = [
      renderMigrationLegend(plain),
      renderMigrationLine(migrationOf(0), context(1), plain),
      renderMigrationLine(migrationOf(1), context(2), plain),
      renderMigrationLine(
        { ...migrationOf(2), downtime: unknown, frozenWindow: unknown },
        context(3, 'unknown'),
        plain,
      ),
      renderMigrationLine(
        { ...migrationOf(3), lost: { ...migrationOf(3).lost, timeout: 312, dropped: 9 } },
        context(4),
        plain,
      ),
      renderMigrationLine(failed(migrationOf(4)), context(5, 'fail'), plain),
      renderMigrationLine(stays(migrationOf(5)), context(6, 'fail'), plain),
      renderMigrationLine(lost(migrationOf(6)), context(7, 'fail'), plain),
      renderMigrationLine(
        { ...migrationOf(7), lost: { ...migrationOf(7).lost, timeout: 123456 } },
        context(8, 'fail'),
        plain,
      ),
      renderMigrationLine(
        { ...migrationOf(8), source: 'a-host-with-a-name', destination: 'and-another-one' },
        context(9, 'fail'),
        plain,
      ),
    ];
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('../golden/report/migration-lines.txt');
    expect(lines.flatMap((line) => line.split('\n')).filter((line) => columnsOf(line) > 80)).toEqual([]);
  });

  it('keeps hostile names within 80 columns and without control characters', () => {
    for (const migration of hostileRecord().migrations) {
      const lines = renderMigrationLine(migration, context(migration.number), plain).split('\n');
      expect(lines.filter((line) => columnsOf(line) > 80 || /\p{C}/u.test(line))).toEqual([]);
    }
  });

  it('is red with its reason where the migration failed', () => {
    const line = renderMigrationLine(failed(migrationOf(4)), context(5), { ...plain, colour: true });
    expect(line).toBe(
      '\u001b[31m   5/11 rhel01 → rhel02  FAILED at restore; rolled back to rhel01\n' +
        "        Error (criu/sk-inet.c:1023): inet: Can't bind inet socket (id 7): Canno…\u001b[39m",
    );
  });
});
