/** What the readings of a host's clock say: how well it is known, and whether its wall clock was set meanwhile. */
import type { ClockReading, ClockView, HostName } from '../model.ts';
import { micro } from './statistics.ts';

/** NTP turns a clock by at most this; more is a step. */
const SLEW_PPM = 500;
const STEP_AT_LEAST_MS = 1;

/** One for each host with a clock of its own, in the order in which they were read. */
export function clocksOf(readings: readonly ClockReading[]): ClockView[] {
  const hosts = new Map<HostName, ClockReading[]>();
  for (const reading of readings) hosts.set(reading.host, [...(hosts.get(reading.host) ?? []), reading]);
  return [...hosts].map(([host, own]) => ({
    host,
    uncertaintyMs: micro(Math.max(...own.map(({ askedMs, answeredMs }) => (answeredMs - askedMs) / 2))),
    wallStepMs: wallStep(own),
  }));
}

/** Whether that host's wall clock was set between its first and its last reading. */
export function wallWasSet(host: HostName, readings: readonly ClockReading[]): boolean {
  const step = wallStep(readings.filter((reading) => reading.host === host));
  return step !== null && step !== 0;
}

/** Why figures of that host's wall clock are not there. */
export function wallSet(host: HostName, stepMs: number): string {
  const seconds = Math.abs(stepMs / 1_000).toPrecision(3);
  return `the wall clock of ${host}, by which CRIU counts, was set ${stepMs > 0 ? 'forward' : 'back'} by ${seconds} s meanwhile`;
}

/** By how much; 0 for no step, null where that is not known. */
function wallStep(own: readonly ClockReading[]): number | null {
  const [first, last] = [own[0], own.at(-1)];
  if (first === last || first === undefined || last === undefined) return null;
  if (first.wallOffsetMs === null || last.wallOffsetMs === null) return null;
  const step = last.wallOffsetMs - first.wallOffsetMs;
  const slew = ((last.answeredMs - first.askedMs) * SLEW_PPM) / 1e6;
  return Math.abs(step) > slew + STEP_AT_LEAST_MS ? micro(step) : 0;
}
