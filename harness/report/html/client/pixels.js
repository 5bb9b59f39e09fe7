/** Draws more requests than shapes could show, pixel by pixel. */
import { colourOf } from './frame.js';

/** @type {HTMLCanvasElement | null} */
let layer = null;

/**
 * Each entry as a few pixels, written one by one: quick for a million, and none is left out. Failures and the rows of
 * hosts have places of their own, so that nothing lies over them.
 * @param {import('./frame.js').Scene} scene
 * @param {number} first
 * @param {number} end
 */
export function drawPixels({ context, chart, frame, range, colours, ratio }, first, end) {
  const { samples, outcomes, lanes, heights } = chart;
  const width = Math.round(frame.width * ratio);
  const image = new ImageData(width, Math.round(frame.height * ratio));
  const words = new Uint32Array(image.data.buffer);
  const size = Math.max(2, Math.round(1.5 * ratio));
  const colour = lanes.map((lane) => wordOf(colourOf(lane, colours)));
  const laneOf = Uint16Array.from(outcomes, ({ lane }) => lane);
  const isHost = lanes.map(({ kind }) => kind === 'host');
  // Where a row has an entry is noted, and filled once: thousands may lie in one column.
  const rows = lanes.map(() => new Uint8Array(width));
  const [bottom, tall] = [(frame.bottom - 2) * ratio, (frame.bottom - frame.top - 4) * ratio];
  const left = frame.left * ratio - (size >> 1);
  const scale = ((frame.right - frame.left) * ratio) / (range.to - range.from);
  for (let i = first; i < end; i++) {
    const lane = laneOf[samples.outcome[i]];
    const x = Math.round(left + (samples.due[i] - range.from) * scale);
    rows[lane][x] = 1;
    if (!isHost[lane]) continue;
    const y = Math.round(bottom - heights[i] * tall) - (size >> 1);
    fill(words, y * width + x, width, size, size, colour[lane]);
  }
  rows.forEach((row, lane) => {
    const { y, height } = frame.lanes[lane];
    const [start, tall] = [Math.round(y * ratio) * width, Math.round(height * ratio)];
    row.forEach((there, x) => {
      if (there === 1) fill(words, start + x, width, size, tall, colour[lane]);
    });
  });
  layer ??= document.createElement('canvas');
  layer.width = image.width;
  layer.height = image.height;
  layer.getContext('2d')?.putImageData(image, 0, 0);
  context.drawImage(layer, 0, 0, frame.width, frame.height);
}

/**
 * @param {Uint32Array} words
 * @param {number} start where its upper left corner is
 * @param {number} stride
 * @param {number} width
 * @param {number} height
 * @param {number} word
 */
function fill(words, start, stride, width, height, word) {
  for (let row = start; row < start + height * stride; row += stride) {
    for (let at = row; at < row + width; at++) words[at] = word;
  }
}

/**
 * `#rrggbb` as the word of a pixel, on a machine whose words begin with their lowest byte, as all of today's do.
 * @param {string} colour
 */
function wordOf(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}
