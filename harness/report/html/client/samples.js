/** The samples as typed arrays, unpacked from the page; and the searches over them. Pure. */

/**
 * @typedef {object} Packed what the page carries; see PackedSamples in harness/report/html/columns.ts
 * @property {number} entries
 * @property {Record<'due' | 'latency' | 'late' | 'outcome' | 'weight', string>} columns
 *
 * @typedef {object} Samples in the order in which they were due; microseconds
 * @property {number} length
 * @property {Float64Array} due
 * @property {Float64Array} latency
 * @property {Float64Array} late
 * @property {Uint16Array} outcome
 * @property {Float64Array | null} weight null where each entry stands for itself
 */

/**
 * @param {Packed} packed
 * @returns {Samples}
 */
export function unpack({ entries, columns }) {
  const due = numbers(columns.due, new Float64Array(entries), unzigzag);
  for (let i = 1; i < entries; i++) due[i] += due[i - 1];
  return {
    length: entries,
    due,
    latency: numbers(columns.latency, new Float64Array(entries), same),
    late: numbers(columns.late, new Float64Array(entries), unzigzag),
    outcome: numbers(columns.outcome, new Uint16Array(entries), same),
    weight: columns.weight === '' ? null : numbers(columns.weight, new Float64Array(entries), same),
  };
}

/**
 * Both, in the order in which they were due; `later` holds what ended later, some of which was due before.
 * @param {Samples} samples
 * @param {Samples} later
 * @returns {Samples}
 */
export function merge(samples, later) {
  const length = samples.length + later.length;
  const start = later.length === 0 ? samples.length : firstDue(samples, later.due[0]);
  const weighed = samples.weight !== null || later.weight !== null;
  /** @type {Samples} */
  const merged = {
    length,
    due: extended(samples.due, start, length),
    latency: extended(samples.latency, start, length),
    late: extended(samples.late, start, length),
    outcome: new Uint16Array(length),
    weight: weighed ? new Float64Array(length).fill(1) : null,
  };
  merged.outcome.set(samples.outcome.subarray(0, start));
  if (samples.weight !== null) merged.weight?.set(samples.weight.subarray(0, start));
  let [own, other] = [start, 0];
  for (let at = start; at < length; at++) {
    const takesOwn = own < samples.length && (other >= later.length || samples.due[own] <= later.due[other]);
    const [from, index] = takesOwn ? [samples, own++] : [later, other++];
    merged.due[at] = from.due[index];
    merged.latency[at] = from.latency[index];
    merged.late[at] = from.late[index];
    merged.outcome[at] = from.outcome[index];
    if (merged.weight !== null) merged.weight[at] = from.weight?.[index] ?? 1;
  }
  return merged;
}

/**
 * The first so many of a column, in one that is longer.
 * @param {Float64Array} column
 * @param {number} kept
 * @param {number} length
 */
function extended(column, kept, length) {
  const longer = new Float64Array(length);
  longer.set(column.subarray(0, kept));
  return longer;
}

/**
 * The first entry that was due at `us` or later.
 * @param {Samples} samples
 * @param {number} us
 */
export function firstDue({ due, length }, us) {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (due[middle] < us) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * @template {Float64Array | Uint16Array} T
 * @param {string} base64
 * @param {T} out
 * @param {(value: number) => number} decode
 * @returns {T}
 */
function numbers(base64, out, decode) {
  const bytes = atob(base64);
  let at = 0;
  for (let i = 0; i < out.length; i++) {
    let byte = bytes.charCodeAt(at++);
    let value = byte & 0x7f;
    for (let scale = 0x80; byte >= 0x80; scale *= 0x80) {
      byte = bytes.charCodeAt(at++);
      value += (byte & 0x7f) * scale;
    }
    out[i] = decode(value);
  }
  return out;
}

/** @param {number} value */
function unzigzag(value) {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

/** @param {number} value */
function same(value) {
  return value;
}
