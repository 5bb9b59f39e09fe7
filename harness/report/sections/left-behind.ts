/** What migrations left on their hosts, and what they took away: nothing where all hosts are as they were. */
import type { MigrationResult, RunRecord } from '../../model.ts';
import { heading, type Style } from '../style.ts';
import { hang, safeText } from '../text.ts';

const SHOWN_AT_MOST = 20;

export function leftBehindSection(record: RunRecord, style: Style): string[] {
  const rows = leftBehind(record);
  if (rows.length === 0) return [];
  const title = heading(
    style,
    'Left behind',
    'what hosts had after a migration and not before the container',
  );
  return [title, ...rows.flatMap((row) => hang('  ', row, style.width))];
}

/** One harmless line each, the last one with how many are not shown; for every kind of report. */
export function leftBehind({ migrations }: RunRecord): string[] {
  const rows = migrations.flatMap(rowsOf);
  const more = rows.length - SHOWN_AT_MOST;
  return [
    ...rows.slice(0, SHOWN_AT_MOST),
    ...(more > 0 ? [`and ${more} more; all of them stand in record.json`] : []),
  ];
}

function rowsOf({ number, hygiene }: MigrationResult): string[] {
  return hygiene.flatMap(({ host, known, left, gone }) => {
    const where = `migration ${number}, ${safeText(host, 24)}: `;
    const unknown = known ? [] : [`${where}unknown: the host did not tell`];
    return [
      ...unknown,
      ...left.map(
        ({ what, removed }) => `${where}${safeText(what, 200)}, ${removed ? 'removed' : 'still there'}`,
      ),
      ...gone.map((what) => `${where}${safeText(what, 200)} is gone`),
    ];
  });
}
