/** What a number that varies costs: every migration, the fitted line, and where it may lie. */
import {
  type AxisGroup,
  COSTS,
  type Cost,
  groupsAlong,
  type SweepResult,
} from '../../../analysis/sweep/result.ts';
import { labelOf } from '../../measurements.ts';
import { fixed } from '../../numbers.ts';
import { safeText } from '../../text.ts';
import { decimalsOfStep, ticks } from '../client/scale.js';
import { type Html, html, NOTHING, raw } from '../markup.ts';
import { HOST_COLOURS } from '../sections/headline.ts';
import { at } from '../svg.ts';
import { axisName, figureOf, valuesText } from './words.ts';

/** Null where no axis is a number of three values or more. */
export function scalingSection(result: SweepResult): Html | null {
  const keys = result.axes.map(({ key }) => key);
  const plots = result.axes.flatMap((axis) => {
    const groups = groupsAlong(axis, result.cells);
    if (axis.values.length < 3) return [];
    return COSTS.flatMap((measurement) => {
      const costs = result.costs.filter((cost) => cost.axis === axis.key && cost.measurement === measurement);
      const series = groups.map((group) => seriesOf(group, measurement, costs));
      // As many in one drawing as there are colours.
      return chunks(series.filter(({ dots }) => dots.length > 0)).map((some) =>
        plot(axisName(axis.key, keys), measurement, some),
      );
    });
  });
  if (plots.length === 0) return null;
  return html`<p class="note">A mark is one measured migration. Line: least squares through all of them. Band: where that line lies, 95 % at each place.</p><div class="cards wide">${plots}</div>`;
}

interface Series {
  name: string;
  unit: string;
  dots: { x: number; y: number }[];
  line: Cost['line'] | null;
}

function seriesOf({ unit, where, cells }: AxisGroup, measurement: string, costs: readonly Cost[]): Series {
  const key = JSON.stringify(where);
  return {
    name: valuesText(where),
    unit,
    dots: cells.flatMap(({ x, cell }) => (figureOf(cell, measurement)?.values ?? []).map((y) => ({ x, y }))),
    line: costs.find((cost) => JSON.stringify(cost.where) === key)?.line ?? null,
  };
}

function chunks(series: readonly Series[]): Series[][] {
  return Array.from({ length: Math.ceil(series.length / HOST_COLOURS) }, (_, i) =>
    series.slice(i * HOST_COLOURS, (i + 1) * HOST_COLOURS),
  );
}

const WIDTH = 560;
const [LEFT, RIGHT, TOP, BOTTOM] = [66, 550, 10, 270];
const HEIGHT = 312;

interface Scales {
  x: (value: number) => number;
  y: (value: number) => number;
}

function plot(axis: string, measurement: string, series: readonly Series[]): Html {
  const unit = series[0]?.unit ?? '';
  const toX =
    series.reduce((most, { dots }) => dots.reduce((max, { x }) => Math.max(max, x), most), 0) * 1.04 || 1;
  const toY =
    series.reduce((most, { dots }) => dots.reduce((max, { y }) => Math.max(max, y), most), 0) * 1.05 || 1;
  const x = (value: number): number => LEFT + (value / toX) * (RIGHT - LEFT);
  const y = (value: number): number => BOTTOM - (Math.min(Math.max(value, 0), toY) / toY) * (BOTTOM - TOP);
  const says = series
    .map(({ name, line }) => `${name === '' ? '' : `${name}: `}${lineText(line, unit)}`)
    .join('; ');
  const legend = series.map(
    ({ name, line }, i) =>
      html`<li class="h${i}"><svg class="swatch" viewBox="-6 -6 12 12" aria-hidden="true">${mark(i, 0, 0)}</svg>${name === '' ? '' : html`<strong>${name}</strong>: `}${lineText(line, unit)}</li>`,
  );
  return html`<figure class="card"><figcaption>${labelOf(measurement)} by ${axis}</figcaption>
<svg class="scaling" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${labelOf(measurement)} by ${axis}. ${says}">${axes(toX, toY, { x, y }, `${axis}${unit === '' ? '' : ` in ${unit}`}`)}${series.map((one, i) => drawn(one, i, { x, y }))}</svg>
<ul class="legend lines">${legend}</ul></figure>`;
}

function axes(toX: number, toY: number, { x, y }: Scales, name: string): Html {
  const [across, up] = [ticks(0, toX, 7), ticks(0, toY, 6)];
  const vertical = across.values.map(
    (value) =>
      html`<path class="grid" d="M${at(x(value))} ${TOP}V${BOTTOM}"/><text class="tick" x="${at(x(value))}" y="${BOTTOM + 15}">${fixed(value, decimalsOfStep(across.step))}</text>`,
  );
  const level = up.values.map(
    (value, i) =>
      html`<path class="grid" d="M${LEFT} ${at(y(value))}H${RIGHT}"/><text class="name" x="${LEFT - 6}" y="${at(y(value) + 4)}">${fixed(value, decimalsOfStep(up.step))}${i === up.values.length - 1 ? ' ms' : ''}</text>`,
  );
  return html`${vertical}${level}<text class="tick" x="${(LEFT + RIGHT) / 2}" y="${HEIGHT - 6}">${safeText(name, 60)}</text>`;
}

function drawn({ dots, line }: Series, i: number, scales: Scales): Html {
  const { x, y } = scales;
  // Marks at the same place are one: what nobody can tell apart.
  const places = new Map(dots.map((dot) => [`${at(x(dot.x))} ${at(Math.round(y(dot.y) * 2) / 2)}`, dot]));
  const marks = [...places.values()].map((dot) =>
    mark(i, x(dot.x), y(dot.y), `${dot.x}: ${fixed(dot.y, 1)} ms`),
  );
  if (line === null) return html`<g class="h${i}">${marks}</g>`;
  const upper = line.band.map((one) => `${at(x(one.x))} ${at(y(one.high))}`);
  const lower = line.band.toReversed().map((one) => `${at(x(one.x))} ${at(y(one.low))}`);
  const last = line.band.at(-1)?.x ?? 0;
  const value = (one: number): number => line.fixed.value + line.slope.value * one;
  return html`<g class="h${i}"><path class="band" d="${raw(`M${[...upper, ...lower].join('L')}z`)}"/><path class="fit dash${i}" d="M${at(x(0))} ${at(y(value(0)))}L${at(x(last))} ${at(y(value(last)))}"/>${marks}</g>`;
}

/** A shape for each series, so that they are told apart without colours. */
function mark(series: number, x: number, y: number, title = ''): Html {
  const d = SHAPES[series % SHAPES.length] as string;
  return html`<path class="dot" transform="translate(${at(x)} ${at(y)})" d="${d}">${title === '' ? NOTHING : html`<title>${title}</title>`}</path>`;
}

const SHAPES = [
  'M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z',
  'M-3.2 -3.2h6.4v6.4h-6.4z',
  'M0 -4.2L4 3.2H-4z',
  'M0 -4.6L4.2 0L0 4.6L-4.2 0z',
  'M0 4.2L4 -3.2H-4z',
  'M-4 -1.3h2.7v-2.7h2.6v2.7h2.7v2.6h-2.7v2.7h-2.6v-2.7h-2.7z',
];

function lineText(line: Cost['line'] | null, unit: string): string {
  if (line === null) return 'no line: it takes three cells with two values each';
  const step = unit === 'MiB' || unit === 'ms' ? 100 : 1;
  const told = ({ value, ci95 }: { value: number; ci95: [number, number] }, times: number): string =>
    `${fixed(value * times, 1)} ms (${ci95.map((one) => fixed(one * times, 1)).join(' – ')})`;
  const each = `${step === 1 && unit !== '' ? '' : `${step} `}${unit}`.trim();
  return `${told(line.fixed, 1)} and ${told(line.slope, step)} for each ${each}`;
}
