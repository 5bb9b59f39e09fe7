/** A run as Markdown, for pull requests and mails: the first screen, with a picture beside it. Pure. */
import { verdictOf } from '../analysis/checks.ts';
import type { RunRecord } from '../model.ts';
import { runtimeText } from '../runtime/commands.ts';
import { diagnosisRows } from './explanation.ts';
import { unmentioning } from './formats/markdown-text.ts';
import { measured } from './measurements.ts';
import { survivorOf } from './migration-line.ts';
import { counted } from './numbers.ts';
import { faultsTold } from './sections/faults.ts';
import { meaning, NUMBER_COLUMNS, planOf, sentence, theThreeNumbers } from './sections/headline.ts';
import { leftBehind } from './sections/left-behind.ts';
import { worstFirst } from './sections/verdicts.ts';
import { MARKS } from './style.ts';
import { safeLines, safeText } from './text.ts';

const FAILURES_AT_MOST = 5;
const LINES_EACH = 20;

/** `picture`: where the picture lies, seen from where the text will lie; null: there is none. */
export function renderMarkdown(record: RunRecord, picture: string | null): string {
  const state = verdictOf(record);
  const parts = [
    `## ${MARKS[state]} ${state.toUpperCase()}: ${escaped(safeText(record.head.scenario.name, 60))}`,
    escaped(sentence(record)),
    table(
      NUMBER_COLUMNS,
      theThreeNumbers(record).map((row) => NUMBER_COLUMNS.map((_, index) => escaped(row[index] ?? ''))),
    ),
    meaning(record)
      .map(([name, text]) => `- ${name}: ${escaped(text)}`)
      .join('\n'),
    plan(record),
    hosts(record),
    ...(picture === null ? [] : [`![Every request of the run](<${encodeURI(picture)}>)`]),
    ...failures(record),
    ...left(record),
    checks(record),
    escaped(
      `Thaw ${safeText(record.head.thaw, 20)}, run ${safeText(record.head.id, 60)}, ${counted(measured(record).length, 'measured migration')}.`,
    ),
  ];
  return `${parts.join('\n\n')}\n`;
}

function plan(record: RunRecord): string {
  const { asks, place, moves } = planOf(record);
  const { name } = record.head.scenario.service;
  return [
    `- client: ${escaped(asks)}`,
    `- ${escaped(safeText(name, 40))}: ${escaped(place)}; ${escaped(moves)}`,
  ].join('\n');
}

function checks(record: RunRecord): string {
  if (record.verdicts.length === 0) return 'No check was made.';
  const rows = worstFirst(record).map(({ state, check, why }) => [
    `${MARKS[state]} ${state}`,
    escaped(safeText(check, 60)),
    escaped(safeText(why, 400)),
  ]);
  return table(['', 'check', 'why'], rows);
}

function hosts({ head }: RunRecord): string {
  const rows = head.hosts.map(({ name, toolchain, kernel, distribution }) =>
    [name, runtimeText(toolchain), toolchain.criu, kernel, distribution].map((text) =>
      escaped(safeText(text, 60)),
    ),
  );
  if (rows.length === 0) return 'Hosts unknown: none was brought up.';
  return table(['host', 'runtime', 'CRIU', 'kernel', 'distribution'], rows);
}

function failures({ migrations }: RunRecord): string[] {
  const failed = migrations.flatMap(({ number, source, destination, outcome, diagnosis }) => {
    if (outcome.state !== 'failed') return [];
    const route = `${safeText(source, 24)} → ${safeText(destination, 24)}`;
    const title = escaped(
      `Migration ${number}, ${route}, failed at ${outcome.phase}; ${survivorOf(outcome)}.`,
    );
    // An indented block has no fence that its text could close.
    const lines = safeLines(outcome.error, 300, LINES_EACH).map((line) => `    ${line}`);
    const why = diagnosis === null ? [] : diagnosisRows(diagnosis);
    const told = why.map(([label, text]) => `- ${label}: ${escaped(text)}`);
    return [[title, lines.join('\n'), told.join('\n')].filter(Boolean).join('\n\n')];
  });
  const left = failed.length - FAILURES_AT_MOST;
  return [
    ...failed.slice(0, FAILURES_AT_MOST),
    ...(left > 0 ? [`And ${counted(left, 'more failed migration')}.`] : []),
  ];
}

function left(record: RunRecord): string[] {
  const list = (title: string, rows: string[]): string[] =>
    rows.length === 0 ? [] : [`${title}:\n\n${rows.map((row) => `- ${escaped(row)}`).join('\n')}`];
  return [
    ...list('Faults on purpose', faultsTold(record)),
    ...list('Left behind on the hosts', leftBehind(record)),
  ];
}

function table(names: readonly string[], rows: readonly string[][]): string {
  const lines = [names, names.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Text that is neither Markdown nor HTML, mentions nobody, and becomes no link. */
function escaped(text: string): string {
  const entities = text
    .replace(/[\\`*_{}[\]<>&|~@#!$^]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replaceAll('://', '&#58;//')
    .replace(/www\./gi, (www) => `${www.slice(0, 3)}&#46;`);
  return unmentioning(entities);
}
