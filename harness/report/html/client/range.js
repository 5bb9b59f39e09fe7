/** The stretch of time that is looked at, and how it is zoomed and panned. Pure. Microseconds. */

/**
 * @typedef {object} Range
 * @property {number} from
 * @property {number} to
 */

/** The narrowest stretch: at it, one request of a thousand a second fills a tenth of the picture. */
const NARROWEST_US = 100;

/**
 * The range inside of `whole`, no narrower than the narrowest.
 * @param {Range} range
 * @param {Range} whole
 * @returns {Range}
 */
export function clamped({ from, to }, whole) {
  const width = Math.min(Math.max(to - from, NARROWEST_US), whole.to - whole.from);
  const start = Math.min(Math.max((from + to - width) / 2, whole.from), whole.to - width);
  return { from: start, to: start + width };
}

/**
 * `factor` below 1 looks closer; what lies at `at` stays where it is.
 * @param {Range} range
 * @param {number} factor
 * @param {number} at
 * @param {Range} whole
 */
export function zoomed({ from, to }, factor, at, whole) {
  const width = Math.max((to - from) * factor, NARROWEST_US);
  const share = (at - from) / (to - from);
  const start = at - share * width;
  return clamped({ from: start, to: start + width }, whole);
}

/**
 * @param {Range} range
 * @param {number} share of the width that is seen; negative: back
 * @param {Range} whole
 */
export function panned({ from, to }, share, whole) {
  const by = share * (to - from);
  return clamped({ from: from + by, to: to + by }, whole);
}
