/** The timeline as a small picture (SVG), for where no script runs: mails and pull requests. Pure. */
import type { RunRecord } from '../../model.ts';
import { counted } from '../numbers.ts';
import { chartOf, frameOf, LABELS, wholeOf, xOf, yOf } from './client/frame.js';
import { unpack } from './client/samples.js';
import { durationText, secondsText, ticks } from './client/scale.js';
import type { PackedSamples } from './columns.ts';
import { type Html, html, raw } from './markup.ts';
import { type Lane, type TimelineData, timelineData } from './sections/timeline.ts';
import { at } from './svg.ts';

const WIDTH = 880;
const PLOT = 200;
/** On white, whatever lies around it; the hosts' as in page.css. */
const HOSTS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#8c6d31', '#6b7280'];
const LOST = '#c2410c';
const FONT = 'system-ui, sans-serif';

type Chart = ReturnType<typeof chartOf>;
type Frame = ReturnType<typeof frameOf>;
type Range = ReturnType<typeof wholeOf>;

/** Of each column, the longest and the shortest answer of each host and each failure: none is left out. */
export function renderPicture(record: RunRecord, samples: PackedSamples): string {
  const data = timelineData(record, samples);
  const chart = chartOf(unpack(samples), data);
  const frame = frameOf(WIDTH, PLOT + 16 * data.lanes.length, data.lanes);
  const range = wholeOf(chart);
  const columns = columnsOf(chart, frame, range);
  const marks = data.lanes.map((lane, index) => laneMarks(lane, columns[index] ?? new Map(), frame, index));
  const says = `Timeline of ${counted(record.probe.samples, 'request')} and ${counted(record.migrations.length, 'migration')}`;
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${frame.width} ${frame.height}" role="img" aria-label="${says}" font-family="${FONT}" font-size="12">
<rect width="100%" height="100%" fill="#ffffff"/>
${bands(data, frame, range)}${axes(chart, frame, range)}${marks}
</svg>
`.markup;
}

/** For each lane, by column: the highest and the lowest place of its entries. */
function columnsOf({ samples, outcomes, lanes, heights }: Chart, frame: Frame, range: Range) {
  const columns = lanes.map(() => new Map<number, [number, number]>());
  for (let i = 0; i < samples.length; i++) {
    const lane = outcomes[samples.outcome[i] as number]?.lane ?? 0;
    const x = Math.round(xOf(samples.due[i] as number, frame, range));
    const y = Math.round(yOf(heights[i] as number, frame));
    const [top, bottom] = columns[lane]?.get(x) ?? [y, y];
    columns[lane]?.set(x, [Math.min(top, y), Math.max(bottom, y)]);
  }
  return columns;
}

function laneMarks(
  { kind, label, colour }: Lane,
  columns: ReadonlyMap<number, [number, number]>,
  frame: Frame,
  index: number,
): Html {
  const row = frame.lanes[index] ?? { y: 0, height: 0 };
  const paint = kind === 'failure' ? LOST : (HOSTS[colour] ?? LOST);
  const rows = [...columns.keys()].map((x) => `M${x} ${row.y}v${row.height}`).join('');
  const answers = [...columns].map(([x, [top, bottom]]) => `M${x} ${top - 1}V${bottom + 1}`).join('');
  const path = kind === 'failure' ? rows : rows + answers;
  return html`<text x="${frame.left - 6}" y="${row.y + row.height / 2 + 4}" text-anchor="end" fill="${paint}">${label}</text><path d="${raw(path)}" stroke="${paint}" stroke-width="1.5" fill="none"/>`;
}

function bands({ bands: all }: TimelineData, frame: Frame, range: Range): Html {
  const box = ([from, to]: [number, number], fill: string) => {
    const [left, right] = [xOf(from, frame, range), xOf(to, frame, range)];
    return html`<rect x="${at(left)}" y="${LABELS}" width="${at(Math.max(1, right - left))}" height="${at(frame.height - LABELS - 22)}" fill="${fill}"/>`;
  };
  return html`${all.map(({ whole, frozen, failed }) => [box(whole, failed ? '#f5d0c0' : '#e3e9f0'), frozen === null ? '' : box(frozen, '#cad6e3')])}`;
}

function axes({ powers: [low, high] }: Chart, frame: Frame, range: Range): Html {
  const { left, right, top, bottom, height } = frame;
  const across = Array.from({ length: Math.floor(high) - low + 1 }, (_, i) => {
    const y = at(yOf(i / (high - low), frame));
    const text = durationText(10 ** (low + i)).replace(/\.0+ /, ' ');
    return html`<path d="M${left} ${y}H${right}" stroke="#d5dae0"/><text x="${left - 6}" y="${Number(y) + 4}" text-anchor="end" fill="#57606a">${text}</text>`;
  });
  const { step, values } = ticks(range.from, range.to, 7);
  const up = values.map((us) => {
    const x = at(xOf(us, frame, range));
    return html`<path d="M${x} ${top}V${bottom}" stroke="#d5dae0"/><text x="${x}" y="${height - 6}" text-anchor="middle" fill="#57606a">${secondsText(us, step)}</text>`;
  });
  return html`${across}${up}`;
}
