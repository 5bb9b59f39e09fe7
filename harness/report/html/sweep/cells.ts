/** The cells of a sweep as a table, and why those that did not pass did not. */
import type { CellResult, SweepResult } from '../../../analysis/sweep/result.ts';
import { labelOf } from '../../measurements.ts';
import { count } from '../../numbers.ts';
import { MARKS } from '../../style.ts';
import { safeText } from '../../text.ts';
import { linkTo } from '../links.ts';
import { type Html, html, NOTHING, type Value } from '../markup.ts';
import { table } from '../parts.ts';
import type { SweepView, SweptRun } from './page.ts';
import { axisName, figureOf, medianText, valuesText } from './words.ts';

const FIGURES = ['frozen-window', 'downtime', 'recovery', 'lost', 'gap', 'image-bytes'];

export function cellsSection({ result, runs }: SweepView): Html {
  const { axes, cells } = result;
  const rows = cells.map((cell, index): Value[] => [
    ...axes.map(({ key }) => safeText(cell.values[key] ?? '', 60)),
    html`<span class="${cell.verdict}"><span aria-hidden="true">${MARKS[cell.verdict]}</span> ${cell.skipped === null ? cell.verdict : 'skipped'}</span>`,
    ...FIGURES.map((name) => figureCell(cell, name)),
    html`${count(cell.migrations - cell.failed)} of ${count(cell.migrations)}`,
    links(
      runs.filter((run) => run.cell === index),
      valuesText(cell.values),
    ),
  ]);
  const names = [
    ...axes.map(({ key }) =>
      axisName(
        key,
        axes.map((axis) => axis.key),
      ),
    ),
    'verdict',
    ...FIGURES.map(labelOf),
    'migrations',
    'runs',
  ];
  const align = `${'l'.repeat(axes.length + 1)}${'r'.repeat(FIGURES.length + 1)}l`;
  return html`${table(names, rows, align)}<p class="note">Medians with their 95 % intervals. Migrations: completed of measured. Runs: their own pages, by round.</p>`;
}

function figureCell(cell: CellResult, name: string): Html {
  const figure = figureOf(cell, name);
  const told = figure && medianText(figure);
  if (figure === undefined || told == null) return html`<span class="note">unknown</span>`;
  const missing = figure.unknown === 0 ? NOTHING : html`<br><small>${figure.unknown} unknown</small>`;
  return html`${told.median}${told.interval === '' ? NOTHING : html`<br><small>${told.interval}</small>`}${missing}`;
}

function links(runs: readonly SweptRun[], name: string): Html {
  if (runs.length === 0) return html`<span class="note">not run</span>`;
  return html`${runs.map(({ page, round, verdict }) =>
    page === null
      ? html`${round} <span class="${verdict}" aria-hidden="true">${MARKS[verdict]}</span> `
      : html`<a href="${linkTo(page)}" aria-label="Round ${round} of ${name}: ${verdict}">${round} ${MARKS[verdict]}</a> `,
  )}`;
}

const REASONS_AT_MOST = 8;

export function notPassedSection({ cells }: SweepResult): Html | null {
  const told = cells.filter(({ verdict }) => verdict !== 'pass');
  if (told.length === 0) return null;
  return html`${told.map((cell) => {
    const reasons = reasonsOf(cell);
    const left = reasons.length - REASONS_AT_MOST;
    return html`<article class="card"><h3><span class="${cell.verdict}"><span aria-hidden="true">${MARKS[cell.verdict]}</span> ${cell.verdict}</span>: ${valuesText(cell.values)}</h3><ul>${reasons.slice(0, REASONS_AT_MOST).map((reason) => html`<li>${safeText(reason, 600)}</li>`)}${left > 0 ? html`<li>and ${left} more</li>` : NOTHING}</ul></article>`;
  })}`;
}

function reasonsOf({ skipped, runs, causes, notPassed }: CellResult): string[] {
  if (skipped !== null) return [`skipped: ${skipped}`];
  return runs === 0 && notPassed.length === 0 ? ['it was not run'] : [...causes, ...notPassed];
}
