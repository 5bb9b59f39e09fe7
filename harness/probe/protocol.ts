/**
 * What the controller and the probe process say to each other, as lines. The first line that the probe reads is
 * its options; after that come commands. It answers in messages, one JSON object a line.
 */
import { isIPv4 } from 'node:net';
import { UsageError } from '../errors.ts';
import type { Instant, ProbeFacts, ProbePlan } from '../model.ts';

export interface ProbeOptions extends Omit<ProbePlan, 'mode'> {
  /** Name that is resolved once, in the client's place. */
  service: string;
  port: number;
  /** Its IPv4 address, where the client's place does not resolve the name; null: it does. */
  address: string | null;
  /** CLOCK_MONOTONIC at the origin of all instants, in nanoseconds, as a decimal string. */
  originNs: string;
  /** Samples are appended here; the file must be empty or not there. `-`: they are lines among the messages. */
  samplesFile: string;
  /** The probe ends by itself, with an error, when it has lived this long or made so many samples. */
  maxSeconds?: number;
  maxSamples?: number;
}

export const DEFAULT_MAX_SECONDS = 24 * 3_600;
/** About 4 GB on disk, or 5 hours at 1,000 requests a second. */
export const DEFAULT_MAX_SAMPLES = 20_000_000;

export type ProbeCommand =
  | { command: 'start' | 'pause' | 'resume' | 'stop' }
  /** The samples so far become a file of their own: `samplesFile` gets that name, and goes on empty. */
  | { command: 'rotate'; to: string }
  /** Asks for one `seen`, as soon as the host has answered at or after that instant. */
  | { command: 'watch'; id: number; host: string; afterMs: Instant };

export type ProbeMessage =
  | { type: 'ready'; resolved: string }
  /** The first answer with status 200 of a host that did not give the one before. */
  | { type: 'host'; host: string; at: Instant }
  /** Told once the answer is in the samples file. */
  | { type: 'seen'; id: number; at: Instant }
  | { type: 'counts'; answered: number; failed: number; dropped: number; at: Instant }
  | { type: 'paused' }
  | { type: 'rotated' }
  | { type: 'stopped'; facts: ProbeFacts }
  | { type: 'error'; message: string };

/** `start`, `pause`, `resume` and `stop` are bare words; the others are `watch {…}` and `rotate {…}`. */
export function commandLine({ command, ...fields }: ProbeCommand): string {
  const words = Object.keys(fields).length === 0 ? '' : ` ${JSON.stringify(fields)}`;
  return `${command}${words}\n`;
}

/** Null for a line that is no command. */
export function parseCommand(line: string): ProbeCommand | null {
  switch (line) {
    case 'start':
    case 'pause':
    case 'resume':
    case 'stop':
      return { command: line };
    default:
      if (line.startsWith('watch ')) return parseWatch(line.slice('watch '.length));
      return line.startsWith('rotate ') ? parseRotate(line.slice('rotate '.length)) : null;
  }
}

/** UsageError where a field is missing or cannot be. The scenario was checked before; this is the last guard. */
export function parseOptions(line: string): Required<ProbeOptions> {
  const value = objectOf(line);
  if (value === null) throw new UsageError("the probe's options are not one line of JSON");
  const options = { maxSeconds: DEFAULT_MAX_SECONDS, maxSamples: DEFAULT_MAX_SAMPLES, ...value };
  const wrong = Object.entries(CHECKS).filter(([key, valid]) => !valid(options[key as keyof typeof options]));
  if (wrong.length === 0) return options as unknown as Required<ProbeOptions>;
  const [name] = wrong[0] as [keyof typeof options, unknown];
  throw new UsageError(`the probe's option ${name} cannot be ${JSON.stringify(options[name])}`);
}

const CHECKS: Record<keyof Required<ProbeOptions>, (value: unknown) => boolean> = {
  service: (value) => typeof value === 'string' && /^[\w.-]+$/.test(value),
  port: (value) => isWhole(value, 1, 65_535),
  address: (value) => value === null || (typeof value === 'string' && isIPv4(value)),
  // undici refuses these too, but only when the first request is due.
  path: (value) => typeof value === 'string' && /^\/[!-~]*$/.test(value),
  ratePerSecond: (value) => typeof value === 'number' && value > 0 && value <= 100_000,
  connection: isConnection,
  timeoutMs: (value) => isWhole(value, 1, 3_600_000),
  maxInFlight: (value) => isWhole(value, 1, 60_000),
  originNs: (value) => typeof value === 'string' && /^-?\d{1,20}$/.test(value),
  samplesFile: (value) => typeof value === 'string' && (value === '-' || value.startsWith('/')),
  maxSeconds: (value) => typeof value === 'number' && value > 0 && value <= 1_000_000,
  maxSamples: (value) => isWhole(value, 1, Number.MAX_SAFE_INTEGER),
};

function isConnection(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  if (value.kind === 'per-request') return true;
  return value.kind === 'kept' && 'count' in value && isWhole(value.count, 1, 10_000);
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}

function parseWatch(json: string): ProbeCommand | null {
  const value = objectOf(json);
  if (value === null) return null;
  const { id, host, afterMs } = value;
  if (typeof id !== 'number' || typeof host !== 'string' || typeof afterMs !== 'number') return null;
  return { command: 'watch', id, host, afterMs };
}

function parseRotate(json: string): ProbeCommand | null {
  const to = objectOf(json)?.to;
  return typeof to === 'string' && to.startsWith('/') ? { command: 'rotate', to } : null;
}

function objectOf(json: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
