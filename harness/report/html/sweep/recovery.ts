/** What a migration costs the client in each cell: no answer, and then slow ones. */
import type { CellResult, SweepResult } from '../../../analysis/sweep/result.ts';
import { fixed } from '../../numbers.ts';
import { decimalsOfStep, ticks } from '../client/scale.js';
import { type Html, html } from '../markup.ts';
import { at } from '../svg.ts';
import { figureOf, medianText, valuesText } from './words.ts';

const WIDTH = 960;
const [LEFT, RIGHT] = [10, 950];
const ROW = 38;
const CELLS_AT_MOST = 200;

/** Null where no cell knows its downtime. A recovery that is unknown has no bar, and is told. */
export function recoverySection({ cells }: SweepResult): Html | null {
  const known = cells.slice(0, CELLS_AT_MOST).flatMap((cell) => {
    const [downtime, recovery] = [medianOf(cell, 'downtime'), medianOf(cell, 'recovery')];
    return downtime === null ? [] : [{ cell, downtime, recovery: recovery ?? 0 }];
  });
  if (known.length === 0) return null;
  const most = Math.max(...known.map(({ downtime, recovery }) => downtime + recovery), 0.001);
  const x = (ms: number): number => LEFT + (ms / most) * (RIGHT - LEFT);
  const bottom = known.length * ROW + 6;
  const { step, values } = ticks(0, most, 8);
  const axis = values.map(
    (ms, i) =>
      html`<path class="grid" d="M${at(x(ms))} 0V${bottom}"/><text class="tick" x="${at(x(ms))}" y="${bottom + 14}">${fixed(ms, decimalsOfStep(step))}${i === values.length - 1 ? ' ms' : ''}</text>`,
  );
  const rows = known.map(({ cell, downtime, recovery }, i) => {
    const y = i * ROW;
    const told = `${valuesText(cell.values)}: downtime ${textOf(cell, 'downtime')}, recovery ${textOf(cell, 'recovery')}`;
    return html`<text x="${LEFT}" y="${y + 14}">${told}</text><rect class="part-gap" x="${LEFT}" y="${y + 19}" width="${at(x(downtime) - LEFT)}" height="12"/><rect class="part-restore" x="${at(x(downtime))}" y="${y + 19}" width="${at(x(downtime + recovery) - x(downtime))}" height="12"/>`;
  });
  const says = known.map(
    ({ cell }) =>
      `${valuesText(cell.values)}: downtime ${textOf(cell, 'downtime')}, recovery ${textOf(cell, 'recovery')}`,
  );
  return html`<ul class="legend"><li><span class="key part-gap" aria-hidden="true"></span>downtime: no answer</li><li><span class="key part-restore" aria-hidden="true"></span>recovery: from the first answer until answers are as quick and as sure as before</li></ul>
<div class="scroll" tabindex="0" role="group" aria-label="Drawing of downtime and recovery"><svg viewBox="0 0 ${WIDTH} ${bottom + 20}" role="img" aria-label="${says.join('; ')}">${axis}${rows}</svg></div>
<p class="note">Medians of each, one after the other. Post-copy pays with recovery for what it saves in downtime.</p>`;
}

function medianOf(cell: CellResult, name: string): number | null {
  return figureOf(cell, name)?.median ?? null;
}

function textOf(cell: CellResult, name: string): string {
  const figure = figureOf(cell, name);
  return (figure && medianText(figure)?.median) ?? 'unknown';
}
