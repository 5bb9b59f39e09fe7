/** Draws a stretch of the timeline on a canvas. Knows nothing of events. */

import { firstDue } from './samples.js';
import { durationText, secondsText, ticks } from './scale.js';

/**
 * @typedef {import('./samples.js').Samples} Samples
 * @typedef {import('./range.js').Range} Range
 *
 * @typedef {object} Lane
 * @property {'host' | 'failure'} kind
 * @property {string} label
 * @property {number} colour
 *
 * @typedef {object} Band
 * @property {number} number
 * @property {string} label
 * @property {boolean} failed
 * @property {[number, number]} whole
 * @property {[number, number] | null} frozen
 * @property {[number, number] | null} downtime
 *
 * @typedef {object} Outcome
 * @property {number} lane
 * @property {string} text
 * @property {string} kind
 *
 * @typedef {object} Chart what is drawn, whatever stretch of it is looked at
 * @property {Samples} samples
 * @property {Lane[]} lanes
 * @property {Outcome[]} outcomes
 * @property {Band[]} bands
 * @property {[number, number]} powers of ten, in µs, between which the latencies lie
 * @property {Float32Array} heights of each entry on the logarithmic axis, 0 … 1
 *
 * @typedef {object} Colours every one as #rrggbb
 * @property {string} ink
 * @property {string} muted
 * @property {string} line
 * @property {string} band
 * @property {string} frozen
 * @property {string} lost
 * @property {string[]} hosts
 *
 * @typedef {object} Frame where things are, in CSS pixels
 * @property {number} width
 * @property {number} height
 * @property {number} left
 * @property {number} right
 * @property {number} top of the plot
 * @property {number} bottom of the plot
 * @property {{ y: number, height: number }[]} lanes
 */

const FAILURE_LANE = 16;
const HOST_LANE = 12;
const LABELS = 18;
const AXIS = 22;
/** Up to this many entries in sight, each is a shape of its own; above, each is at least a pixel. */
const SHAPES_AT_MOST = 4_000;
/** Between the plot and its rows. */
const GAP = 12;

/**
 * @param {Samples} samples
 * @param {{ lanes: Lane[], outcomes: Outcome[], bands: Band[] }} data
 * @returns {Chart}
 */
export function chartOf(samples, { lanes, outcomes, bands }) {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (let i = 0; i < samples.length; i++) {
    if (outcomes[samples.outcome[i]].kind !== 'answered') continue;
    least = Math.min(least, samples.latency[i]);
    most = Math.max(most, samples.latency[i]);
  }
  const [low, high] = powers(Math.max(1, Math.min(least, most)), most);
  const heights = new Float32Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    const height = (Math.log10(Math.max(1, samples.latency[i])) - low) / (high - low);
    heights[i] = Math.min(1, Math.max(0, height));
  }
  return { samples, lanes, outcomes, bands, powers: [low, high], heights };
}

/**
 * The ends of the logarithmic axis: from a power of ten to a little above the longest, at least a decade apart.
 * @param {number} least
 * @param {number} most
 * @returns {[number, number]}
 */
function powers(least, most) {
  const low = Math.floor(Math.log10(least) + 1e-9);
  return [low, Math.max(low + 1, Math.log10(Math.max(1, most)) + 0.05)];
}

/**
 * @param {number} width
 * @param {number} height
 * @param {Lane[]} lanes
 * @returns {Frame}
 */
export function frameOf(width, height, lanes) {
  const left = width < 560 ? 64 : 96;
  const failures = lanes.filter(({ kind }) => kind === 'failure').length;
  const top = LABELS + failures * FAILURE_LANE + GAP;
  const bottom = height - AXIS - (lanes.length - failures) * HOST_LANE - GAP;
  let failureY = LABELS;
  let hostY = bottom + GAP - 2;
  const places = lanes.map(({ kind }) => {
    if (kind === 'failure') {
      failureY += FAILURE_LANE;
      return { y: failureY - FAILURE_LANE + 2, height: FAILURE_LANE - 4 };
    }
    hostY += HOST_LANE;
    return { y: hostY - HOST_LANE + 2, height: HOST_LANE - 4 };
  });
  return { width, height, left, right: width - 8, top, bottom, lanes: places };
}

/**
 * @param {CanvasRenderingContext2D} context scaled by `ratio`
 * @param {Chart} chart
 * @param {Frame} frame
 * @param {{ range: Range, selected: number, colours: Colours, ratio: number }} how
 */
export function draw(context, chart, frame, { range, selected, colours, ratio }) {
  context.clearRect(0, 0, frame.width, frame.height);
  context.font = '12px system-ui, sans-serif';
  context.textBaseline = 'middle';
  clip(context, frame, () => drawBands(context, chart, frame, range, colours));
  drawAxes(context, chart, frame, range, colours);
  const first = firstDue(chart.samples, range.from);
  const end = firstDue(chart.samples, range.to + 1);
  clip(context, frame, () => {
    if (end - first <= SHAPES_AT_MOST) drawShapes(context, chart, frame, range, colours, first, end);
    else drawPixels(context, chart, frame, range, colours, ratio, first, end);
    if (selected >= 0) drawSelected(context, chart, frame, range, colours, selected);
  });
}

/**
 * @param {number} us
 * @param {Frame} frame
 * @param {Range} range
 */
export function xOf(us, { left, right }, { from, to }) {
  return left + ((us - from) / (to - from)) * (right - left);
}

/**
 * @param {number} height
 * @param {Frame} frame
 */
function yOf(height, { top, bottom }) {
  return bottom - 2 - height * (bottom - top - 4);
}

/**
 * Where an entry is drawn: an answer at its latency, a failure in its row.
 * @param {Chart} chart
 * @param {Frame} frame
 * @param {Range} range
 * @param {number} index
 */
export function placeOf({ samples, outcomes, lanes, heights }, frame, range, index) {
  const { lane } = outcomes[samples.outcome[index]];
  const row = frame.lanes[lane];
  const x = xOf(samples.due[index], frame, range);
  return { x, y: lanes[lane].kind === 'host' ? yOf(heights[index], frame) : row.y + row.height / 2 };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Frame} frame
 * @param {() => void} action
 */
function clip(context, { left, right, height }, action) {
  context.save();
  context.beginPath();
  context.rect(left - 4, 0, right - left + 8, height);
  context.clip();
  action();
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Chart} chart
 * @param {Frame} frame
 * @param {Range} range
 * @param {Colours} colours
 */
function drawAxes(context, { lanes, powers: [low, high] }, frame, range, colours) {
  const { left, right, top, bottom, height } = frame;
  context.strokeStyle = colours.line;
  context.fillStyle = colours.muted;
  context.textAlign = 'right';
  for (let power = Math.ceil(low - 1e-9); power <= high; power++) {
    const y = Math.round(yOf((power - low) / (high - low), frame)) + 0.5;
    strokeLine(context, left, y, right, y);
    context.fillText(durationText(10 ** power).replace(/\.0+ /, ' '), left - 6, y);
  }
  lanes.forEach(({ kind, label }, index) => {
    const row = frame.lanes[index];
    context.fillStyle = kind === 'failure' ? colours.lost : colours.ink;
    context.fillText(shortened(context, label, left - 8), left - 6, row.y + row.height / 2);
  });
  context.fillStyle = colours.muted;
  context.textAlign = 'center';
  const { step, values } = ticks(range.from, range.to, (right - left) / 110);
  for (const us of values) {
    const x = Math.round(xOf(us, frame, range)) + 0.5;
    strokeLine(context, x, top, x, bottom);
    const half = context.measureText(secondsText(us, step)).width / 2;
    context.fillText(secondsText(us, step), Math.min(Math.max(x, half), right + 8 - half), height - AXIS / 2);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Chart} chart
 * @param {Frame} frame
 * @param {Range} range
 * @param {Colours} colours
 */
function drawBands(context, { bands }, frame, range, colours) {
  let labelledTo = frame.left - 8;
  context.textAlign = 'center';
  for (const { number, failed, whole, frozen, downtime } of bands) {
    if (whole[1] < range.from || whole[0] > range.to) continue;
    fillBand(context, frame, range, whole, failed ? colours.lost : colours.band, failed ? 0.22 : 1);
    if (frozen !== null) fillBand(context, frame, range, frozen, colours.frozen, 1);
    if (downtime !== null) {
      context.fillStyle = colours.ink;
      const x = xOf(downtime[0], frame, range);
      context.fillRect(x, LABELS - 3, Math.max(1, xOf(downtime[1], frame, range) - x), 3);
    }
    const text = failed ? `${number} ✗` : String(number);
    const middle = xOf((Math.max(whole[0], range.from) + Math.min(whole[1], range.to)) / 2, frame, range);
    const half = context.measureText(text).width / 2;
    if (middle - half < labelledTo + 6) continue;
    labelledTo = middle + half;
    context.fillStyle = failed ? colours.lost : colours.muted;
    context.fillText(text, middle, 7);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Frame} frame
 * @param {Range} range
 * @param {[number, number]} band
 * @param {string} colour
 * @param {number} alpha
 */
function fillBand(context, frame, range, [from, to], colour, alpha) {
  const x = xOf(from, frame, range);
  context.globalAlpha = alpha;
  context.fillStyle = colour;
  context.fillRect(x, LABELS, Math.max(1, xOf(to, frame, range) - x), frame.height - AXIS - LABELS);
  context.globalAlpha = 1;
}

/**
 * Each entry as a shape; where there is room, its wait as a line to when it ended.
 * @param {CanvasRenderingContext2D} context
 * @param {Chart} chart
 * @param {Frame} frame
 * @param {Range} range
 * @param {Colours} colours
 * @param {number} first
 * @param {number} end
 */
function drawShapes(context, chart, frame, range, colours, first, end) {
  const { samples, outcomes, lanes } = chart;
  const room = (frame.right - frame.left) / Math.max(1, end - first);
  const radius = room > 8 ? 4 : room > 2 ? 3 : 2;
  // Requests that began before what is seen, and end in it.
  const from = room > 4 ? Math.max(0, first - 500) : first;
  for (let i = from; i < end; i++) {
    const { lane } = outcomes[samples.outcome[i]];
    const colour = colourOf(lanes[lane], colours);
    const { x, y } = placeOf(chart, frame, range, i);
    context.fillStyle = colour;
    context.strokeStyle = colour;
    // Failures share a row each, in which their lines would run into each other.
    if (room > 4 && lanes[lane].kind === 'host') drawWait(context, chart, frame, range, i);
    if (lanes[lane].kind === 'failure') {
      drawCross(context, x, y, radius);
      continue;
    }
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
    context.fillRect(x - radius / 2, frame.lanes[lane].y, radius, frame.lanes[lane].height);
  }
}

/**
 * From when a request was due to when it ended.
 * @param {CanvasRenderingContext2D} context
 * @param {Chart} chart
 * @param {Frame} frame
 * @param {Range} range
 * @param {number} index
 */
function drawWait(context, chart, frame, range, index) {
  const { due, latency } = chart.samples;
  const { x, y } = placeOf(chart, frame, range, index);
  context.globalAlpha = 0.45;
  strokeLine(context, x, y, Math.min(xOf(due[index] + latency[index], frame, range), frame.right + 8), y);
  context.globalAlpha = 1;
}

/** @type {HTMLCanvasElement | null} */
let pixels = null;

/**
 * Each entry as a few pixels, written one by one: quick for a million, and none is left out. Failures and the rows of
 * hosts have places of their own, so that nothing lies over them.
 * @param {CanvasRenderingContext2D} context
 * @param {Chart} chart
 * @param {Frame} frame
 * @param {Range} range
 * @param {Colours} colours
 * @param {number} ratio
 * @param {number} first
 * @param {number} end
 */
function drawPixels(context, chart, frame, range, colours, ratio, first, end) {
  const { samples, outcomes, lanes, heights } = chart;
  const width = Math.round(frame.width * ratio);
  const image = new ImageData(width, Math.round(frame.height * ratio));
  const words = new Uint32Array(image.data.buffer);
  const size = Math.max(2, Math.round(1.5 * ratio));
  const words32 = lanes.map((lane) => wordOf(colourOf(lane, colours)));
  const laneOf = outcomes.map(({ lane }) => lane);
  const rows = frame.lanes.map(({ y, height }) => [Math.round(y * ratio), Math.round((y + height) * ratio)]);
  const [top, tall] = [(frame.bottom - 2) * ratio, (frame.bottom - frame.top - 4) * ratio];
  const left = frame.left * ratio;
  const scale = ((frame.right - frame.left) * ratio) / (range.to - range.from);
  for (let i = first; i < end; i++) {
    const lane = laneOf[samples.outcome[i]];
    const word = words32[lane];
    const x = Math.round(left + (samples.due[i] - range.from) * scale) - (size >> 1);
    const [rowTop, rowBottom] = rows[lane];
    fill(words, width, x, rowTop, size, rowBottom, word);
    if (lanes[lane].kind === 'failure') continue;
    const y = Math.round(top - heights[i] * tall) - (size >> 1);
    fill(words, width, x, y, size, y + size, word);
  }
  pixels ??= document.createElement('canvas');
  pixels.width = image.width;
  pixels.height = image.height;
  pixels.getContext('2d')?.putImageData(image, 0, 0);
  context.drawImage(pixels, 0, 0, frame.width, frame.height);
}

/**
 * @param {Uint32Array} words
 * @param {number} width
 * @param {number} x
 * @param {number} y
 * @param {number} size
 * @param {number} bottom
 * @param {number} word
 */
function fill(words, width, x, y, size, bottom, word) {
  for (let row = y; row < bottom; row++) {
    const start = row * width + x;
    for (let at = start; at < start + size; at++) words[at] = word;
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Chart} chart
 * @param {Frame} frame
 * @param {Range} range
 * @param {Colours} colours
 * @param {number} index
 */
function drawSelected(context, chart, frame, range, colours, index) {
  const { x, y } = placeOf(chart, frame, range, index);
  context.strokeStyle = colours.ink;
  context.lineWidth = 2;
  context.beginPath();
  context.arc(x, y, 7, 0, 2 * Math.PI);
  context.stroke();
  drawWait(context, chart, frame, range, index);
  context.lineWidth = 1;
  strokeLine(context, x, LABELS, x, frame.height - AXIS);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 */
function drawCross(context, x, y, radius) {
  context.lineWidth = 1.5;
  strokeLine(context, x - radius, y - radius, x + radius, y + radius);
  strokeLine(context, x - radius, y + radius, x + radius, y - radius);
  context.lineWidth = 1;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x1
 * @param {number} y1
 * @param {number} x2
 * @param {number} y2
 */
function strokeLine(context, x1, y1, x2, y2) {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}

/**
 * @param {Lane} lane
 * @param {Colours} colours
 */
function colourOf({ kind, colour }, { hosts, lost }) {
  return kind === 'failure' ? lost : (hosts[colour] ?? lost);
}

/**
 * `#rrggbb` as the word of a pixel, on a machine whose words begin with their lowest byte, as all of today's do.
 * @param {string} colour
 */
function wordOf(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {number} width
 */
function shortened(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  let kept = text;
  while (kept !== '' && context.measureText(`${kept}…`).width > width) kept = kept.slice(0, -1);
  return `${kept}…`;
}
