/** What is drawn, and where on the canvas each thing is. Pure. */

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
 *
 * @typedef {object} Scene all that a picture depends on
 * @property {CanvasRenderingContext2D} context scaled by `ratio`
 * @property {Chart} chart
 * @property {Frame} frame
 * @property {Range} range
 * @property {number} selected entry of the samples; -1: none
 * @property {Colours} colours
 * @property {number} ratio device pixels in a CSS pixel
 */

const FAILURE_LANE = 16;
const HOST_LANE = 12;
export const LABELS = 18;
export const AXIS = 22;
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
 * All requests and all migrations, with a little room.
 * @param {Chart} chart
 * @returns {Range}
 */
export function wholeOf({ samples, bands }) {
  const ends = bands.flatMap(({ whole }) => whole);
  if (samples.length > 0) ends.push(samples.due[0], samples.due[samples.length - 1]);
  if (ends.length === 0) return { from: 0, to: 1_000_000 };
  const from = ends.reduce((least, us) => Math.min(least, us));
  const to = ends.reduce((most, us) => Math.max(most, us));
  const room = Math.max(1_000, (to - from) * 0.01);
  return { from: from - room, to: to + room };
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
export function yOf(height, { top, bottom }) {
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
 * @param {Lane} lane
 * @param {Colours} colours
 */
export function colourOf({ kind, colour }, { hosts, lost }) {
  return kind === 'failure' ? lost : (hosts[colour] ?? lost);
}
