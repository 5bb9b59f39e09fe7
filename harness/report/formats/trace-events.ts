/** Chrome's trace events: processes with rows of bars and marks, and counters; pure. */
import type { Instant } from '../../model.ts';

/** Something that lasts. */
export interface Bar {
  name: string;
  category: string;
  startMs: Instant;
  endMs: Instant;
  args: object;
}

/** Something at an instant. */
export interface Mark {
  name: string;
  category: string;
  atMs: Instant;
  args: object;
}

export interface Row {
  title: string;
  /** In any order; those that overlap get rows of their own below. */
  bars: readonly Bar[];
  marks: readonly Mark[];
}

/** A value for each name, from an instant on until the next. */
export interface Counter {
  title: string;
  values: readonly { atMs: Instant; args: Record<string, number> }[];
}

export interface Process {
  title: string;
  rows: readonly Row[];
  counters: readonly Counter[];
}

/** Times in whole microseconds; `X` lasts, `i` is an instant, `C` counts, `M` names a process or a thread. */
export interface TraceEvent {
  name: string;
  ph: 'X' | 'i' | 'C' | 'M';
  ts: number;
  pid: number;
  tid?: number;
  dur?: number;
  cat?: string;
  /** Of an instant: it is drawn in its thread. */
  s?: 't';
  args: object;
}

/**
 * Processes are numbered from 1 in their order, and threads go on from there: no number is used twice, since Perfetto
 * takes a thread with its process's number for the main one. A row without anything is left out.
 */
export function traceEvents(processes: readonly Process[]): TraceEvent[] {
  let tid = processes.length;
  return processes.flatMap(({ title, rows, counters }, index) => {
    const pid = index + 1;
    const threads = rows.flatMap(laned).flatMap((row) => threadEvents(row, pid, ++tid));
    const counts = counters.flatMap((counter) => counterEvents(counter, pid));
    return [...naming('process', title, index, { pid }), ...threads, ...counts];
  });
}

/** In one thread a viewer draws what overlaps as caller and callee, or not at all. */
function laned(row: Row): Row[] {
  const lanes: Bar[][] = [];
  const ordered = [...row.bars].sort((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
  for (const bar of ordered) {
    const free = lanes.find((lane) => microseconds((lane.at(-1) as Bar).endMs) <= microseconds(bar.startMs));
    if (free === undefined) lanes.push([bar]);
    else free.push(bar);
  }
  if (lanes.length === 0) return row.marks.length === 0 ? [] : [row];
  return lanes.map((bars, i) =>
    i === 0 ? { ...row, bars } : { title: `${row.title} (${i + 1})`, bars, marks: [] },
  );
}

function threadEvents({ title, bars, marks }: Row, pid: number, tid: number): TraceEvent[] {
  return [
    ...naming('thread', title, tid, { pid, tid }),
    ...bars.map(({ name, category, startMs, endMs, args }): TraceEvent => {
      const ts = microseconds(startMs);
      const dur = microseconds(endMs) - ts;
      // What took no time has no inside: beside another that begins then, viewers could not tell which one holds which.
      return dur > 0
        ? { name, cat: category, ph: 'X', ts, dur, pid, tid, args }
        : instant(name, category, ts, { pid, tid }, args);
    }),
    ...marks.map(({ name, category, atMs, args }) =>
      instant(name, category, microseconds(atMs), { pid, tid }, args),
    ),
  ];
}

function instant(
  name: string,
  cat: string,
  ts: number,
  thread: { pid: number; tid: number },
  args: object,
): TraceEvent {
  return { name, cat, ph: 'i', ts, ...thread, s: 't', args };
}

function counterEvents({ title, values }: Counter, pid: number): TraceEvent[] {
  return values.map(({ atMs, args }) => ({ name: title, ph: 'C', ts: microseconds(atMs), pid, args }));
}

function naming(
  what: 'process' | 'thread',
  name: string,
  order: number,
  of: { pid: number; tid?: number },
): TraceEvent[] {
  return [
    { name: `${what}_name`, ph: 'M', ts: 0, ...of, args: { name } },
    { name: `${what}_sort_index`, ph: 'M', ts: 0, ...of, args: { sort_index: order } },
  ];
}

/** The format knows no time before its origin. */
function microseconds(instant: Instant): number {
  return Math.max(0, Math.round(instant * 1_000));
}
