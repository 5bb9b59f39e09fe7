/** Scales and ticks; pure, and used by the page's own figures as well. */

/**
 * Round numbers (1, 2 or 5 times a power of ten apart) from `from` to `to`, both included if they are round.
 * @param {number} from
 * @param {number} to
 * @param {number} atMost how many, about
 * @returns {{ step: number, values: number[] }}
 */
export function ticks(from, to, atMost) {
  const least = (to - from) / Math.max(1, atMost);
  if (!(least > 0) || !Number.isFinite(least)) return { step: 1, values: [] };
  const power = 10 ** Math.floor(Math.log10(least) + 1e-9);
  const step = ([1, 2, 5].find((factor) => factor * power >= least * (1 - 1e-9)) ?? 10) * power;
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  // One multiplication each: sums of steps would drift.
  return {
    step,
    values: Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step),
  };
}

/**
 * Decimals that tell ticks `step` apart from each other.
 * @param {number} step
 */
export function decimalsOfStep(step) {
  return Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
}

/**
 * Microseconds as a person reads them, all of them: `820 µs`, `1.210 ms`, `4.984705 s`.
 * @param {number} us
 */
export function durationText(us) {
  if (us < 1_000) return `${us} µs`;
  if (us < 1_000_000) return `${(us / 1_000).toFixed(3)} ms`;
  return `${(us / 1_000_000).toFixed(6)} s`;
}

/**
 * An instant of the run, in microseconds, as seconds with the digits that a step of the axis needs.
 * @param {number} us
 * @param {number} stepUs
 */
export function secondsText(us, stepUs) {
  return `${(us / 1_000_000).toFixed(Math.min(6, decimalsOfStep(stepUs / 1_000_000)))} s`;
}
