/** Samples as typed arrays, and how a very long run is thinned without hiding what matters. */
import type { Sample } from '../../model.ts';

/** Instants and durations in whole microseconds. */
export interface Columns {
  length: number;
  /** Place in the schedule: the order in which requests were due. */
  place: Float64Array;
  due: Float64Array;
  latency: Float64Array;
  late: Float64Array;
  outcome: Uint16Array;
  /** Requests that an entry stands for. */
  weight: Float64Array;
}

export function emptyColumns(capacity = 1 << 10): Columns {
  const numbers = (): Float64Array => new Float64Array(capacity);
  return {
    length: 0,
    place: numbers(),
    due: numbers(),
    latency: numbers(),
    late: numbers(),
    outcome: new Uint16Array(capacity),
    weight: numbers(),
  };
}

/** Adds a sample at the end. */
export function push(columns: Columns, sample: Sample, outcome: number): void {
  if (columns.length === columns.place.length) grow(columns);
  const at = columns.length++;
  const due = microseconds(sample.due);
  columns.place[at] = sample.n;
  columns.due[at] = due;
  columns.outcome[at] = outcome;
  columns.weight[at] = 1;
  if (sample.state === 'dropped') return;
  columns.latency[at] = Math.max(0, microseconds(sample.end) - due);
  columns.late[at] = microseconds(sample.sent) - due;
}

/** The same entries in the order in which they were due. */
export function inOrder(columns: Columns): Columns {
  const { length, place } = columns;
  // Place and position in one exact double: sorting numbers needs no comparison function, and is quick.
  const keys = Float64Array.from({ length }, (_, index) => (place[index] as number) * POSITIONS + index);
  return taken(columns, keys.sort(), (key) => key % POSITIONS);
}

/**
 * At most `target` entries: of requests in a row, the slowest stays of each outcome. A window that holds two outcomes
 * is kept whole while the others can make the room, so that a change of host or a failure stays where it is. Expects
 * entries in order; never fewer than one for each outcome.
 */
export function thinTo(columns: Columns, target: number): Columns {
  let thinned = columns;
  const widest = 2 * columns.length;
  for (let window = 2; thinned.length > target && window <= widest; window *= 2) {
    thinned = thin(thinned, window, window > KEEP_CHANGES_UP_TO);
  }
  return thinned;
}

const POSITIONS = 2 ** 24;
/** Above this window, changes make up most of what is left, and are thinned as well. */
const KEEP_CHANGES_UP_TO = 64;

function thin(columns: Columns, window: number, changesToo: boolean): Columns {
  const kept: number[] = [];
  const weight = columns.weight.slice(0, columns.length);
  for (let start = 0; start < columns.length; start += window) {
    const end = Math.min(columns.length, start + window);
    const slowest = slowestOfEach(columns, start, end);
    if (slowest.size > 1 && !changesToo) {
      for (let index = start; index < end; index++) kept.push(index);
      continue;
    }
    for (const { index, requests } of slowest.values()) weight[index] = requests;
    kept.push(...[...slowest.values()].map(({ index }) => index).sort((a, b) => a - b));
  }
  return taken({ ...columns, weight }, kept, (index) => index);
}

function slowestOfEach(columns: Columns, start: number, end: number) {
  const { outcome, latency, weight } = columns;
  const slowest = new Map<number, { index: number; requests: number }>();
  for (let index = start; index < end; index++) {
    const code = outcome[index] as number;
    const best = slowest.get(code);
    const requests = (best?.requests ?? 0) + (weight[index] as number);
    const slower = best === undefined || (latency[index] as number) > (latency[best.index] as number);
    slowest.set(code, { index: slower ? index : best.index, requests });
  }
  return slowest;
}

function taken(columns: Columns, keys: ArrayLike<number>, indexOf: (key: number) => number): Columns {
  const out = emptyColumns(Math.max(1, keys.length));
  out.length = keys.length;
  for (let at = 0; at < keys.length; at++) {
    const from = indexOf(keys[at] as number);
    out.place[at] = columns.place[from] as number;
    out.due[at] = columns.due[from] as number;
    out.latency[at] = columns.latency[from] as number;
    out.late[at] = columns.late[from] as number;
    out.outcome[at] = columns.outcome[from] as number;
    out.weight[at] = columns.weight[from] as number;
  }
  return out;
}

function grow(columns: Columns): void {
  const doubled = emptyColumns(2 * columns.place.length);
  for (const name of ['place', 'due', 'latency', 'late', 'outcome', 'weight'] as const) {
    doubled[name].set(columns[name]);
    (columns[name] as Float64Array | Uint16Array) = doubled[name];
  }
}

function microseconds(instant: number): number {
  return Math.round(instant * 1_000);
}
