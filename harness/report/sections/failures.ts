/** Failed migrations: each with its phase, who survived, and the error. */
import type { MigrationResult, RunRecord } from '../../model.ts';
import { diagnosisLines } from '../explanation.ts';
import { survivorOf } from '../migration-line.ts';
import { count } from '../numbers.ts';
import { heading, paintOf, type Style } from '../style.ts';
import { cut, hang, safeLines, safeText } from '../text.ts';

const SHOWN_AT_MOST = 10;
const LINES_EACH = 6;

export function failuresSection(record: RunRecord, style: Style): string[] {
  const failed = record.migrations.filter((migration) => migration.outcome.state === 'failed');
  if (failed.length === 0) return [];
  const left = failed.length - SHOWN_AT_MOST;
  return [
    heading(style, 'Failed migrations', `${failed.length} of ${record.migrations.length}, warm-up included`),
    ...failed.slice(0, SHOWN_AT_MOST).flatMap((migration) => one(migration, style)),
    ...(left > 0 ? [`  and ${left} more; all of them stand in record.json`] : []),
  ];
}

function one(migration: MigrationResult, style: Style): string[] {
  if (migration.outcome.state !== 'failed') return [];
  const paint = paintOf(style);
  const { phase, error } = migration.outcome;
  const hosts = `${safeText(migration.source, 20)} → ${safeText(migration.destination, 20)}`;
  const name = `migration ${migration.number}${migration.warmUp ? ' (warm-up)' : ''}`;
  const first = `  ✗ ${name}  ${hosts}  failed at ${phase}; ${survivorOf(migration.outcome)}`;
  const reason = error.trim() === '' ? 'no reason given' : error;
  return [
    paint.red(cut(first, style.width)),
    ...safeLines(reason, 3 * style.width, LINES_EACH).flatMap((line) =>
      hang(indentOf(line), line.trim(), style.width),
    ),
    ...(migration.retries === 0 ? [] : [`      ${retriedText(migration.retries)}`]),
    ...(migration.diagnosis === null
      ? []
      : diagnosisLines(migration.diagnosis, { ...style, width: style.width - 4 }).map(
          (line) => `    ${line}`,
        )),
  ];
}

/** Of a migration whose dumps met half-open connections. */
export function retriedText(retries: number): string {
  return `the dump was tried ${count(retries + 1)} times (in-flight: retry)`;
}

/** What a command said is indented below the command; that stays when it is wrapped. */
function indentOf(line: string): string {
  return line.startsWith(' ') ? '        ' : '      ';
}
