/** Draws a stretch of the timeline on a canvas. Knows nothing of events. */
import { AXIS, colourOf, LABELS, placeOf, xOf, yOf } from './frame.js';
import { drawPixels } from './pixels.js';
import { firstDue } from './samples.js';
import { durationText, secondsText, ticks } from './scale.js';

/** @typedef {import('./frame.js').Scene} Scene */

/** Up to this many entries in sight, each is a shape of its own; above, each is at least a pixel. */
const SHAPES_AT_MOST = 4_000;

/** @param {Scene} scene */
export function draw(scene) {
  const { context, chart, frame, range, selected } = scene;
  context.clearRect(0, 0, frame.width, frame.height);
  context.font = '12px system-ui, sans-serif';
  context.textBaseline = 'middle';
  clip(scene, () => drawBands(scene));
  drawAxes(scene);
  const first = firstDue(chart.samples, range.from);
  const end = firstDue(chart.samples, range.to + 1);
  clip(scene, () => {
    if (end - first <= SHAPES_AT_MOST) drawShapes(scene, first, end);
    else drawPixels(scene, first, end);
    if (selected >= 0) drawSelected(scene);
  });
}

/**
 * @param {Scene} scene
 * @param {() => void} action
 */
function clip({ context, frame: { left, right, height } }, action) {
  context.save();
  context.beginPath();
  context.rect(left - 4, 0, right - left + 8, height);
  context.clip();
  action();
  context.restore();
}

/** @param {Scene} scene */
function drawAxes({ context, chart, frame, range, colours }) {
  const [low, high] = chart.powers;
  const { left, right, top, bottom, height } = frame;
  context.strokeStyle = colours.line;
  context.fillStyle = colours.muted;
  context.textAlign = 'right';
  for (let power = Math.ceil(low - 1e-9); power <= high; power++) {
    const y = Math.round(yOf((power - low) / (high - low), frame)) + 0.5;
    strokeLine(context, left, y, right, y);
    context.fillText(durationText(10 ** power).replace(/\.0+ /, ' '), left - 6, y);
  }
  chart.lanes.forEach(({ kind, label }, index) => {
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

/** @param {Scene} scene */
function drawBands(scene) {
  const { context, chart, frame, range, colours } = scene;
  let labelledTo = frame.left - 8;
  context.textAlign = 'center';
  for (const { number, failed, whole, frozen, downtime } of chart.bands) {
    if (whole[1] < range.from || whole[0] > range.to) continue;
    fillBand(scene, whole, failed ? colours.lost : colours.band, failed ? 0.22 : 1);
    if (frozen !== null) fillBand(scene, frozen, colours.frozen, 1);
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
 * @param {Scene} scene
 * @param {[number, number]} band
 * @param {string} colour
 * @param {number} alpha
 */
function fillBand({ context, frame, range }, [from, to], colour, alpha) {
  const x = xOf(from, frame, range);
  context.globalAlpha = alpha;
  context.fillStyle = colour;
  context.fillRect(x, LABELS, Math.max(1, xOf(to, frame, range) - x), frame.height - AXIS - LABELS);
  context.globalAlpha = 1;
}

/**
 * Each entry as a shape; where there is room, its wait as a line to when it ended.
 * @param {Scene} scene
 * @param {number} first
 * @param {number} end
 */
function drawShapes(scene, first, end) {
  const { context, chart, frame, range, colours } = scene;
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
    if (room > 4 && lanes[lane].kind === 'host') drawWait(scene, i);
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
 * @param {Scene} scene
 * @param {number} index
 */
function drawWait({ context, chart, frame, range }, index) {
  const { due, latency } = chart.samples;
  const { x, y } = placeOf(chart, frame, range, index);
  context.globalAlpha = 0.45;
  strokeLine(context, x, y, Math.min(xOf(due[index] + latency[index], frame, range), frame.right + 8), y);
  context.globalAlpha = 1;
}

/** @param {Scene} scene */
function drawSelected(scene) {
  const { context, chart, frame, range, colours, selected } = scene;
  const { x, y } = placeOf(chart, frame, range, selected);
  context.strokeStyle = colours.ink;
  context.lineWidth = 2;
  context.beginPath();
  context.arc(x, y, 7, 0, 2 * Math.PI);
  context.stroke();
  drawWait(scene, selected);
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
