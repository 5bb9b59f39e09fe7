/** The line that each migration gets as it happens. */
import type { MigrationOutcome, MigrationResult, VerdictState } from '../model.ts';
import { boundedMs, count, downtimeMs, isUnknown } from './numbers.ts';
import { inVerdictColour, MARKS, type Paint, paintOf, type Style } from './style.ts';
import { columnsOf, cut, padRight, safeText } from './text.ts';

export interface LineContext {
  /** 1 for the first migration of the run, warm-up included. */
  number: number;
  /** Migrations of the run, warm-up included. */
  total: number;
  /** Worst verdict of the checks over the migrations until now. */
  verdictSoFar: VerdictState;
}

/**
 * One migration in one line (two where it failed): hosts, frozen window, downtime, lost requests, and the
 * verdict of the run so far (✓ ✗ ?).
 */
export function renderMigrationLine(result: MigrationResult, context: LineContext, style: Style): string {
  const paint = paintOf(style);
  const place = result.warmUp ? 'warm-up' : `${context.number}/${context.total}`.padStart(7);
  const hosts = `${safeText(result.source, 20)} → ${safeText(result.destination, 20)}`;
  const line =
    result.outcome.state === 'failed'
      ? failedLine(`${place} ${hosts}  `, result.outcome, style, paint)
      : completedLine(`${place} ${hosts}`, result, context, style, paint);
  return result.warmUp && result.outcome.state === 'completed' ? paint.dim(line) : line;
}

/** What the mark at the end of each line means; said once, before the first. */
export function renderMigrationLegend(style: Style): string {
  return paintOf(style).dim('migrations (so far: ✓ no check failed, ✗ a check failed, ? not to be told yet)');
}

/** Where the container is after a migration that failed. */
export function survivorOf(outcome: Extract<MigrationOutcome, { state: 'failed' }>): string {
  if (outcome.survivor === null) return 'the container is lost';
  const host = safeText(outcome.survivor, 20);
  return outcome.rolledBack ? `rolled back to ${host}` : `still runs on ${host}`;
}

/** Requests that a migration lost, of every kind, and those that were not sent for want of room. */
export function lostOf(result: MigrationResult): number {
  return Object.values(result.lost).reduce((sum, lost) => sum + lost, 0);
}

function completedLine(
  start: string,
  result: MigrationResult,
  context: LineContext,
  style: Style,
  paint: Paint,
): string {
  const { frozenWindow, downtime } = result;
  const frozen = isUnknown(frozenWindow) ? 'unknown' : boundedMs(frozenWindow.window);
  const down = isUnknown(downtime) ? 'unknown' : downtimeMs(downtime);
  const lost = count(lostOf(result));
  const wide = `${start}  frozen ${padRight(frozen, 13)}  downtime ${padRight(down, 10)}  lost ${padRight(lost, 3)}`;
  const body = firstFitting([wide, ...shorter(start, frozen, down, lost)], style.width - 3);
  const mark = MARKS[context.verdictSoFar];
  return `${body}  ${result.warmUp ? mark : inVerdictColour(paint, context.verdictSoFar, mark)}`;
}

/** What is given up, step by step, where host names or numbers are long: the padding, then the ±. */
function shorter(start: string, frozen: string, down: string, lost: string): string[] {
  const withoutUncertainty = (text: string) => text.replace(/ ±[\d.]+/, '');
  return [
    `${start} frozen ${frozen} downtime ${down} lost ${lost}`,
    `${start} frozen ${withoutUncertainty(frozen)} downtime ${withoutUncertainty(down)} lost ${lost}`,
  ];
}

function firstFitting(candidates: string[], room: number): string {
  const fitting = candidates.find((candidate) => columnsOf(candidate) <= room);
  return fitting ?? cut(candidates.at(-1) ?? '', room);
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
