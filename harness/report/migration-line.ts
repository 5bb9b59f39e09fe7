/** The line that each migration gets as it happens. */
import type { MigrationOutcome, MigrationResult, VerdictState } from '../model.ts';
import { boundedMs, count, downtimeMs, isUnknown } from './numbers.ts';
import { inVerdictColour, MARKS, type Paint, paintOf, type Style } from './style.ts';
import { columnsOf, cut, padRight, safeText } from './text.ts';

export interface LineContext {
  /** 1 for the first migration of the run, warm-up included. */
  number: number;
  /** Migrations of the run, warm-up included; null: as many as its time allows. */
  total: number | null;
  /** Worst verdict of the checks over the migrations until now. */
  verdictSoFar: VerdictState;
}

/**
 * One migration in one line (two where it failed): hosts, frozen window, downtime, lost requests, and the
 * verdict of the run so far (✓ ✗ ?).
 */
export function renderMigrationLine(result: MigrationResult, context: LineContext, style: Style): string {
  const paint = paintOf(style);
  const place = result.warmUp ? 'warm-up' : placeOf(context).padStart(7);
  if (result.outcome.state === 'failed') {
    return failedLine(`${place} ${hostsOf(result, 20)}  `, result.outcome, style, paint);
  }
  const line = completedLine(place, result, style);
  const mark = MARKS[context.verdictSoFar];
  return result.warmUp
    ? paint.dim(`${line}  ${mark}`)
    : `${line}  ${inVerdictColour(paint, context.verdictSoFar, mark)}`;
}

function placeOf({ number, total }: LineContext): string {
  return total === null ? String(number) : `${number}/${total}`;
}

/** What the mark at the end of each line means; said once, before the first. */
export function renderMigrationLegend(style: Style): string {
  return paintOf(style).dim('migrations (so far: ✓ no check failed, ✗ a check failed, ? not to be told yet)');
}

/** Where the container is after a migration that failed. */
export function survivorOf(outcome: Extract<MigrationOutcome, { state: 'failed' }>): string {
  if (outcome.survivor === null) return 'the container is lost';
  const host = safeText(outcome.survivor, 20);
  return outcome.rolledBack ? `rolled back to ${host}` : `the container runs on ${host}`;
}

function hostsOf(result: MigrationResult, max: number): string {
  return `${safeText(result.source, max)} → ${safeText(result.destination, max)}`;
}

/** Requests that a migration lost, of every kind, and those that were not sent for want of room. */
export function lostOf(result: MigrationResult): number {
  return Object.values(result.lost).reduce((sum, lost) => sum + lost, 0);
}

/** Where host names or numbers are long, the padding is given up first, then the ends of names; never a figure. */
function completedLine(place: string, result: MigrationResult, style: Style): string {
  const { frozenWindow, downtime } = result;
  const frozen = isUnknown(frozenWindow) ? 'unknown' : boundedMs(frozenWindow.window);
  const down = isUnknown(downtime) ? 'unknown' : downtimeMs(downtime);
  const lost = count(lostOf(result));
  const narrow = `frozen ${frozen} downtime ${down} lost ${lost}`;
  const wide = `frozen ${padRight(frozen, 13)}  downtime ${padRight(down, 10)}  lost ${padRight(lost, 3)}`;
  const lines = [
    `${place} ${hostsOf(result, 20)}  ${wide}`,
    `${place} ${hostsOf(result, 20)} ${narrow}`,
    `${place} ${hostsOf(result, 6)} ${narrow}`,
  ];
  const room = style.width - 3;
  return lines.find((line) => columnsOf(line) <= room) ?? cut(lines.at(-1) ?? '', room);
}

function failedLine(
  start: string,
  outcome: Extract<MigrationOutcome, { state: 'failed' }>,
  style: Style,
  paint: Paint,
): string {
  const first = cut(`${start}FAILED at ${outcome.phase}; ${survivorOf(outcome)}`, style.width);
  const reason = tellingLine(outcome.error);
  return paint.red(`${first}\n        ${safeText(reason.trim(), style.width - 8)}`);
}

/** CRIU's own error where there is one; the first line, which names the command, otherwise. */
function tellingLine(error: string): string {
  const lines = error.split('\n').filter((line) => line.trim() !== '');
  const criu = lines.find((line) => line.includes('Error ('));
  return criu?.slice(criu.indexOf('Error (')) ?? lines[0] ?? 'no reason given';
}
