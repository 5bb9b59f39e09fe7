/**
 * A run as Chrome's trace event JSON (the "JSON Object Format"), to be opened in Perfetto or chrome://tracing: a process
 * for the client and one for each host. Pure: the same record, observations and samples give the same bytes.
 * Source: "Trace Event Format", docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
 */
import type { HostName, RawRun, RunRecord } from '../../model.ts';
import { count } from '../numbers.ts';
import { safeText } from '../text.ts';
import { type Bar, type Counter, type Mark, type Process, type Row, traceEvents } from './trace-events.ts';
import { CLIENT_ROWS, HOST_ROWS, hostTitle, migrationBars } from './trace-migration.ts';
import type { Counted, LostOfKind, LostRequest, TracedSamples } from './trace-samples.ts';

export function runTrace(
  record: RunRecord,
  migrations: RawRun['migrations'],
  samples: TracedSamples,
): string {
  const events = traceEvents(processesOf(record, migrations, samples));
  const head = JSON.stringify({ displayTimeUnit: 'ms', otherData: aboutRun(record, samples) });
  const lines = events.map((event) => JSON.stringify(event)).join(',\n');
  return `${head.slice(0, -1)},"traceEvents":[\n${lines}\n]}\n`;
}

function processesOf(record: RunRecord, migrations: RawRun['migrations'], samples: TracedSamples): Process[] {
  const client = rowsOf(CLIENT_ROWS);
  const hosts = new Map<HostName, Map<string, Bar[]>>();
  const hostRows = (host: HostName): Map<string, Bar[]> => {
    const rows = hosts.get(host) ?? rowsOf(HOST_ROWS);
    hosts.set(host, rows);
    return rows;
  };
  for (const { name } of record.head.hosts) hostRows(name);
  for (const [index, result] of record.migrations.entries()) {
    const raw = migrations[index];
    if (raw === undefined) continue;
    for (const { host, row, bar } of migrationBars({ ...raw, result })) {
      (host === null ? client : hostRows(host)).get(row)?.push(bar);
    }
  }
  return [
    {
      title: 'client, and what spans both hosts',
      rows: [...drawn(client), lostRow(samples.lostRequests)],
      counters: countersOf(samples),
    },
    ...[...hosts].map(([host, rows]) => ({ title: hostTitle(host), rows: drawn(rows), counters: [] })),
  ];
}

function rowsOf(titles: readonly string[]): Map<string, Bar[]> {
  return new Map(titles.map((title) => [title, []]));
}

function drawn(rows: ReadonlyMap<string, Bar[]>): Row[] {
  return [...rows].map(([title, bars]) => ({ title, bars, marks: [] }));
}

function lostRow(kinds: readonly LostOfKind[]): Row {
  const { seen, shown } = lostInAll(kinds);
  const marks = kinds.flatMap(({ kind, shown }) => shown.map((request) => lostMark(kind, request)));
  marks.sort((a, b) => a.atMs - b.atMs);
  const title = shown < seen ? `lost requests (${count(shown)} of ${count(seen)})` : 'lost requests';
  return { title, bars: [], marks };
}

function lostMark(kind: LostOfKind['kind'], { dueMs, ...args }: LostRequest): Mark {
  return { name: kind, category: 'lost', atMs: dueMs, args };
}

function lostInAll(kinds: readonly LostOfKind[]): { seen: number; shown: number } {
  const sum = (of: (kind: LostOfKind) => number): number =>
    kinds.reduce((total, kind) => total + of(kind), 0);
  return { seen: sum(({ seen }) => seen), shown: sum(({ shown }) => shown.length) };
}

function countersOf({ answered, lost, bucketMs }: TracedSamples): Counter[] {
  return [
    { title: `answers received per ${bucketMs} ms`, values: changes(answered, bucketMs) },
    { title: `requests lost per ${bucketMs} ms`, values: changes(lost, bucketMs) },
  ];
}

/** A counter stands until it is set again: only a bucket that differs from the one before, and the end. */
function changes(series: readonly Counted[], bucketMs: number): Counter['values'] {
  const buckets = Math.max(0, ...series.map(({ counts }) => counts.length));
  const at = (bucket: number): number[] => series.map(({ counts }) => counts[bucket] ?? 0);
  const values = [];
  for (let bucket = 0, before: number[] = []; series.length > 0 && bucket <= buckets; bucket++) {
    const now = at(bucket);
    if (bucket > 0 && now.every((value, i) => value === before[i])) continue;
    const args = Object.fromEntries(series.map(({ name }, i) => [name, now[i] as number]));
    values.push({ atMs: bucket * bucketMs, args });
    before = now;
  }
  return values;
}

/** What a viewer shows of the file as a whole, and what was left out of it. */
function aboutRun({ head, verdict, outcome }: RunRecord, { bucketMs, lostRequests }: TracedSamples): object {
  const { seen, shown } = lostInAll(lostRequests);
  return {
    thaw: head.thaw,
    scenario: safeText(head.scenario.name, 60),
    run: safeText(head.id, 80),
    startedAt: head.startedAt,
    clock: "microseconds since the run's origin on the controller's CLOCK_MONOTONIC",
    originNs: head.originNs,
    outcome,
    verdict,
    counterBucketMs: bucketMs,
    lostRequests: Object.fromEntries(
      lostRequests.map(({ kind, seen, shown }) => [kind, { seen, shown: shown.length }]),
    ),
    lostRequestsLeftOut: seen - shown,
  };
}
