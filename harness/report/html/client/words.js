/** What is seen, in words: for the pointer, for the line below the timeline, and for those who listen. Pure. */
import { firstDue } from './samples.js';
import { durationText } from './scale.js';

/**
 * @typedef {import('./frame.js').Chart} Chart
 * @typedef {import('./range.js').Range} Range
 */

/**
 * One request in words.
 * @param {Chart} chart
 * @param {number} index
 */
export function describe({ samples, outcomes, bands }, index) {
  const { kind, text } = outcomes[samples.outcome[index]];
  const [due, latency, late] = [samples.due[index], samples.latency[index], samples.late[index]];
  const band = bands.find(({ whole: [from, to] }) => from <= due && due <= to);
  const weight = samples.weight?.[index] ?? 1;
  const parts = [`due ${(due / 1_000_000).toFixed(6)} s`];
  if (kind !== 'dropped') parts.push(`sent ${late < 0 ? '−' : '+'}${durationText(Math.abs(late))}`);
  if (kind === 'answered') parts.push(`answered by ${text} after ${durationText(latency)}`);
  else if (kind === 'dropped') parts.push('not sent: too many were in flight');
  else parts.push(`${text}, after ${durationText(latency)}`);
  if (weight > 1) parts.push(`the slowest of ${weight} such requests in a row`);
  if (band !== undefined) parts.push(`during ${band.label}`);
  return parts.join(' · ');
}

/**
 * What is in sight, in words.
 * @param {Chart} chart
 * @param {Range} range
 */
export function summary({ samples, outcomes, lanes, bands }, range) {
  const counts = new Array(lanes.length).fill(0);
  const end = firstDue(samples, range.to + 1);
  for (let i = firstDue(samples, range.from); i < end; i++) {
    counts[outcomes[samples.outcome[i]].lane] += samples.weight?.[i] ?? 1;
  }
  const seen = bands.filter(({ whole: [from, to] }) => to >= range.from && from <= range.to);
  const told = lanes.flatMap(({ label }, lane) =>
    counts[lane] === 0 ? [] : [`${label} ${counts[lane].toLocaleString('en-US')}`],
  );
  const migrations = seen.length === 1 ? seen[0].label : `${seen.length} migrations`;
  const decimals = range.to - range.from < 1_000_000 ? 4 : 2;
  const [from, to] = [range.from, range.to].map((us) => (us / 1_000_000).toFixed(decimals));
  return `${from} s to ${to} s: ${migrations}; requests: ${told.join(', ') || 'none'}`;
}
