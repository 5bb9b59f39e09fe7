/** Outages of known length, as they were made, against what the probe and the heartbeat saw of them. Pure. */
import type {
  AnsweredSample,
  BoundedMs,
  Calibration,
  CalibrationRow,
  Interval,
  MadeOutage,
  MeasuredOutage,
  OutageKind,
  RunTail,
  Sample,
} from '../model.ts';
import { worst } from './checks.ts';
import { between } from './intervals.ts';
import { micro, quantile } from './statistics.ts';

export interface Made {
  outages: readonly MadeOutage[];
  /** Of both kinds of connection. */
  samples: Readonly<Record<MadeOutage['connection'], readonly Sample[]>>;
  heartbeat: RunTail['heartbeat'];
  /** The probe's interval. */
  resolutionMs: number;
}

/** An outage that the probe must see to its interval and this; what a computer takes to answer. */
const ALLOWED_MS = 1;

/**
 * Of these the probe must be right: the server alone ends them. On a kept connection the others end when TCP asks again,
 * and a command that changes rules or addresses may be slow to do so.
 */
const HELD_TO = new Set(['stopped kept', 'stopped per-request', 'refused per-request']);

export function calibration({ outages, samples, heartbeat, resolutionMs }: Made): Calibration {
  const answered = {
    kept: answersIn(samples.kept),
    'per-request': answersIn(samples['per-request']),
  };
  const measured = outages.map(
    (outage): MeasuredOutage => ({
      ...outage,
      true: between(outage.begin, outage.end),
      seenMs: longestGap(answered[outage.connection], outage),
      heartbeatMs: outage.kind === 'stopped' ? longestPause(heartbeat, outage) : null,
    }),
  );
  const groups = new Map<string, MeasuredOutage[]>();
  for (const one of measured) {
    const key = `${one.kind} ${one.connection} ${one.wantedMs}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const rows = [...groups.values()].map((group) => rowOf(group, resolutionMs)).sort(inOrder);
  return {
    resolutionMs,
    allowedMs: resolutionMs + ALLOWED_MS,
    outages: measured,
    rows,
    verdict: worst(rows.flatMap(({ state }) => state ?? [])),
  };
}

/** In the order in which they are told. */
export const OUTAGE_KINDS: readonly OutageKind[] = ['stopped', 'refused', 'dropped', 'address-gone'];

function inOrder(a: CalibrationRow, b: CalibrationRow): number {
  return (
    OUTAGE_KINDS.indexOf(a.kind) - OUTAGE_KINDS.indexOf(b.kind) ||
    a.connection.localeCompare(b.connection) ||
    a.wantedMs - b.wantedMs
  );
}

function answersIn(samples: readonly Sample[]): AnsweredSample[] {
  return samples.filter((sample) => sample.state === 'answered').sort((a, b) => a.end - b.end);
}

/** The longest time between two answers in a row that overlaps the outage; null where there was none on a side. */
function longestGap(
  answers: readonly AnsweredSample[],
  { begin, end }: Pick<MadeOutage, 'begin' | 'end'>,
): number | null {
  let longest: number | null = null;
  for (const [i, after] of answers.entries()) {
    const before = answers[i - 1];
    if (before === undefined || after.end < begin.earliest) continue;
    if (before.end > end.latest) break;
    longest = Math.max(longest ?? 0, after.end - before.end);
  }
  return longest === null ? null : micro(longest);
}

function longestPause(
  heartbeat: RunTail['heartbeat'],
  { begin, end }: { begin: Interval; end: Interval },
): number | null {
  const pauses = (heartbeat?.pauses ?? [])
    .filter(({ earliest, latest }) => latest >= begin.earliest && earliest <= end.latest)
    .map(({ earliest, latest }) => latest - earliest);
  return pauses.length === 0 ? null : micro(Math.max(...pauses));
}

function rowOf(group: readonly MeasuredOutage[], resolutionMs: number): CalibrationRow {
  const [{ kind, connection, wantedMs }] = group as [MeasuredOutage];
  const errors = group.flatMap((one) => (one.seenMs === null ? [] : [errorOf(one.true, one.seenMs)]));
  const heartbeats = group.flatMap((one) =>
    one.heartbeatMs === null ? [] : [errorOf(one.true, one.heartbeatMs)],
  );
  const error = quantile(errors, 0.5);
  const held = HELD_TO.has(`${kind} ${connection}`);
  const within = error === null ? 'unknown' : Math.abs(error) <= resolutionMs + ALLOWED_MS ? 'pass' : 'fail';
  return {
    kind,
    connection,
    wantedMs,
    outages: group.length,
    unseen: group.length - errors.length,
    trueMs: quantile(
      group.map((one) => one.true.ms),
      0.5,
    ) as number,
    uncertaintyMs: quantile(
      group.map((one) => (one.true.atMostMs - one.true.atLeastMs) / 2),
      0.5,
    ) as number,
    seenMs: quantile(
      group.flatMap(({ seenMs }) => seenMs ?? []),
      0.5,
    ),
    errorMs: error,
    leastErrorMs: errors.length === 0 ? null : micro(Math.min(...errors)),
    mostErrorMs: errors.length === 0 ? null : micro(Math.max(...errors)),
    heartbeatErrorMs: quantile(heartbeats, 0.5),
    state: held ? within : null,
  };
}

/** How far off it is; 0 within what is not known of the outage itself. */
function errorOf({ atLeastMs, atMostMs }: BoundedMs, seenMs: number): number {
  if (seenMs > atMostMs) return micro(seenMs - atMostMs);
  return seenMs < atLeastMs ? micro(seenMs - atLeastMs) : 0;
}
