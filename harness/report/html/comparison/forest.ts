/** Changes with their intervals, one below the other on one scale: a forest plot. */
import type { Cell, ComparisonVerdict } from '../../../analysis/compare/comparison.ts';
import { percentInterval, pValue } from '../../comparison/words.ts';
import { labelOf } from '../../measurements.ts';
import { fixed } from '../../numbers.ts';
import { decimalsOfStep, ticks } from '../client/scale.js';
import { type Html, html, NOTHING, raw } from '../markup.ts';
import { at } from '../svg.ts';
import { changeWords, LOOKS } from './words.ts';

interface Row {
  label: string;
  verdict: ComparisonVerdict;
  estimate: number | null;
  /** Null: open, as far as the scale goes. */
  low: number | null;
  high: number | null;
  /** Whether there is an interval at all. */
  bounded: boolean;
  told: string;
  p: string;
}

const WIDTH = 960;
const [LEFT, RIGHT] = [140, 560];
const [TOLD, P, VERDICT] = [745, 815, 830];
const [TOP, LINE] = [24, 26];

export function forestPlot(cell: Cell, threshold: number): Html {
  const rows = rowsOf(cell);
  const { from, to } = scaleOf(rows, threshold);
  const x = (change: number): number =>
    LEFT + ((Math.min(Math.max(change, from), to) - from) / (to - from)) * (RIGHT - LEFT);
  const bottom = TOP + rows.length * LINE;
  const band = html`<rect class="frozen" x="${at(x(-threshold))}" y="${TOP}" width="${at(x(threshold) - x(-threshold))}" height="${bottom - TOP}"/>`;
  const heads = html`<text class="tick" x="${at(x(0))}" y="14">base</text><text class="value" x="${TOLD}" y="14">change (95 %)</text><text class="value" x="${P}" y="14">p</text>`;
  const says = rows.map(({ label, told, verdict }) => `${label} ${told}: ${verdict}`).join('; ');
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Drawing of the changes"><svg class="forest" viewBox="0 0 ${WIDTH} ${bottom + 40}" role="img" aria-label="${says}">
${band}${axis(from, to, x, bottom)}<path class="median" d="M${at(x(0))} ${TOP}V${bottom}"/>${heads}
${rows.map((row, i) => line(row, TOP + i * LINE + LINE / 2, x, [from, to]))}
<text class="tick" x="${(LEFT + RIGHT) / 2}" y="${bottom + 34}">← the candidate has less · more →</text></svg></div>`;
}

function rowsOf({ measurements, failures }: Cell): Row[] {
  const { base, candidate, change, verdict, pAdjusted } = failures;
  const share = ({ failed, migrations }: typeof base): string => `${failed} of ${migrations}`;
  return [
    ...measurements.map((one) => ({
      label: labelOf(one.measurement),
      verdict: one.verdict,
      estimate: one.change?.estimate ?? null,
      low: one.change?.low ?? null,
      high: one.change?.high ?? null,
      bounded: one.change !== null,
      told: one.change === null ? changeWords(one) : `${changeWords(one)} (${percentInterval(one.change)})`,
      p: pValue(one.pAdjusted),
    })),
    {
      label: 'failed',
      verdict,
      estimate: change,
      low: null,
      high: null,
      bounded: false,
      told: `${share(base)} → ${share(candidate)}`,
      p: pValue(pAdjusted),
    },
  ];
}

/** Both ways alike, and not so far that an interval nobody can use makes all others small; nothing is below −100 %. */
function scaleOf(rows: readonly Row[], threshold: number): { from: number; to: number } {
  const sizes = (values: (number | null)[]): number[] =>
    values.flatMap((one) => (one === null ? [] : [Math.abs(one)]));
  const estimates = Math.max(0, ...sizes(rows.map(({ estimate }) => estimate)));
  const ends = Math.max(0, ...sizes(rows.flatMap(({ low, high }) => [low, high])));
  const reach = Math.max(
    2 * threshold,
    0.02,
    Math.min(ends, Math.max(4 * threshold, 1.5 * estimates)),
    estimates,
  );
  const padded = reach * 1.08;
  return { from: Math.max(-padded, -1.04), to: padded };
}

function axis(from: number, to: number, x: (change: number) => number, bottom: number): Html[] {
  const { step, values } = ticks(from * 100, to * 100, 7);
  return values.map((value) => {
    const text = `${value > 0 ? '+' : ''}${fixed(value, decimalsOfStep(step))} %`;
    return html`<path class="grid" d="M${at(x(value / 100))} ${TOP}V${bottom}"/><text class="tick" x="${at(x(value / 100))}" y="${bottom + 15}">${text}</text>`;
  });
}

/** Told apart without colours: a square is called, a ring is not; what goes on beyond the scale has an arrow. */
function line(row: Row, y: number, x: (change: number) => number, [from, to]: [number, number]): Html {
  const { label, verdict, estimate, told, p } = row;
  const called = verdict === 'regressed' || verdict === 'improved';
  const mark =
    estimate === null
      ? NOTHING
      : called
        ? html`<rect class="mark" x="${at(x(estimate) - 5)}" y="${y - 5}" width="10" height="10"/>`
        : html`<circle class="ring" cx="${at(x(estimate))}" cy="${y}" r="4.5"/>`;
  return html`<g class="${LOOKS[verdict]}"><text class="name" x="${LEFT - 8}" y="${y + 4}">${label}</text>${interval(row, y, x, [from, to])}${mark}<text class="value" x="${TOLD}" y="${y + 4}">${told}</text><text class="value" x="${P}" y="${y + 4}">${p}</text><text x="${VERDICT}" y="${y + 4}">${verdict}</text></g>`;
}

function interval(
  { low, high, bounded }: Row,
  y: number,
  x: (change: number) => number,
  [from, to]: [number, number],
): Html {
  if (!bounded) return NOTHING;
  const left = low === null || low < from;
  const right = high === null || high > to;
  const [a, b] = [left ? LEFT : x(low), right ? RIGHT : x(high)];
  const end = (open: boolean, at_: number, way: number): string =>
    open
      ? `M${at(at_ - way * 6)} ${y - 4}L${at(at_)} ${y}L${at(at_ - way * 6)} ${y + 4}`
      : `M${at(at_)} ${y - 5}v10`;
  return html`<path class="whisker" d="${raw(`M${at(a)} ${y}H${at(b)}${end(left, a, -1)}${end(right, b, 1)}`)}"/>`;
}
