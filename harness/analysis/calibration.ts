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
  StopRow,
  VerdictState,
} from '../model.ts';
import { worst } from './checks.ts';
import { freezes, thaws } from './freezer.ts';
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
const HELD_TO = new Set([
  'stopped kept',
  'stopped per-request',
  'frozen kept',
  'frozen per-request',
  'refused per-request',
]);

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
      heartbeatMs: isStop(outage) ? longestPause(heartbeat, outage) : null,
      window: windowOf(outage),
    }),
  );
  const rows = groups(measured, (one) => `${one.kind} ${one.connection} ${one.wantedMs}`)
    .map((group) => rowOf(group, resolutionMs))
    .sort(inOrder);
  const stops = groups(measured.filter(isStop), (one) => `${one.kind} ${one.wantedMs}`)
    .map((group) => stopOf(group, heartbeat?.periodMs ?? 0))
    .sort((a, b) => OUTAGE_KINDS.indexOf(a.kind) - OUTAGE_KINDS.indexOf(b.kind) || a.wantedMs - b.wantedMs);
  return {
    resolutionMs,
    allowedMs: resolutionMs + ALLOWED_MS,
    outages: measured,
    rows,
    stops,
    verdict: worst([...rows, ...stops].flatMap(({ state }) => state ?? [])),
  };
}

/** In the order in which they are told. */
export const OUTAGE_KINDS: readonly OutageKind[] = [
  'stopped',
  'frozen',
  'refused',
  'dropped',
  'address-gone',
];

function groups(
  outages: readonly MeasuredOutage[],
  keyOf: (one: MeasuredOutage) => string,
): MeasuredOutage[][] {
  const found = new Map<string, MeasuredOutage[]>();
  for (const one of outages) found.set(keyOf(one), [...(found.get(keyOf(one)) ?? []), one]);
  return [...found.values()];
}

function isStop({ kind }: Pick<MadeOutage, 'kind'>): boolean {
  return kind === 'stopped' || kind === 'frozen';
}

/** Between the first freeze and the thaw after it, as they were seen; null where one was not. */
function windowOf({ freezer }: MadeOutage): BoundedMs | null {
  const stopped = freezes(freezer)[0];
  const running = stopped && thaws(freezer).find(({ latest }) => latest >= stopped.latest);
  return stopped === undefined || running === undefined ? null : between(stopped, running);
}

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
  const error = quantile(errors, 0.5);
  const held = HELD_TO.has(`${kind} ${connection}`);
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
      group.map((one) => widthOf(one.true)),
      0.5,
    ) as number,
    seenMs: quantile(
      group.flatMap(({ seenMs }) => seenMs ?? []),
      0.5,
    ),
    errorMs: error,
    leastErrorMs: errors.length === 0 ? null : micro(Math.min(...errors)),
    mostErrorMs: errors.length === 0 ? null : micro(Math.max(...errors)),
    state: held ? stateOf(error, resolutionMs + ALLOWED_MS) : null,
  };
}

/** The heartbeat is held to one of its periods and ALLOWED_MS, the freezer's window to ALLOWED_MS. */
function stopOf(group: readonly MeasuredOutage[], periodMs: number): StopRow {
  const [{ kind, wantedMs }] = group as [MeasuredOutage];
  const median = (of: (one: MeasuredOutage) => number | null): number | null =>
    quantile(
      group.flatMap((one) => of(one) ?? []),
      0.5,
    );
  const heartbeatErrorMs = median((one) => one.heartbeatMs && errorOf(one.true, one.heartbeatMs));
  const windowErrorMs = median((one) => one.window && apart(one.true, one.window));
  const judged = [
    stateOf(heartbeatErrorMs, periodMs + ALLOWED_MS),
    ...(kind === 'frozen' ? [stateOf(windowErrorMs, ALLOWED_MS)] : []),
  ];
  return {
    kind,
    wantedMs,
    outages: group.length,
    trueMs: median((one) => one.true.ms) as number,
    uncertaintyMs: median((one) => widthOf(one.true)) as number,
    heartbeatMs: median((one) => one.heartbeatMs),
    heartbeatErrorMs,
    windowMs: median((one) => one.window?.ms ?? null),
    windowUncertaintyMs: median((one) => one.window && widthOf(one.window)),
    windowErrorMs,
    state: worst(judged),
  };
}

function stateOf(errorMs: number | null, allowedMs: number): VerdictState {
  if (errorMs === null) return 'unknown';
  return Math.abs(errorMs) <= allowedMs ? 'pass' : 'fail';
}

/** Half of what is not known. */
function widthOf({ atLeastMs, atMostMs }: BoundedMs): number {
  return (atMostMs - atLeastMs) / 2;
}

/** How far off it is; 0 within what is not known of the outage itself. */
function errorOf(truth: BoundedMs, seenMs: number): number {
  return apart(truth, { ms: seenMs, atLeastMs: seenMs, atMostMs: seenMs });
}

/** How far what was seen lies from what is true at least; 0 where their bounds meet. */
function apart(truth: BoundedMs, seen: BoundedMs): number {
  if (seen.atLeastMs > truth.atMostMs) return micro(seen.atLeastMs - truth.atMostMs);
  return seen.atMostMs < truth.atLeastMs ? micro(seen.atMostMs - truth.atLeastMs) : 0;
}
