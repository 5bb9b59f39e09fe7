/**
 * The HTTP client of the probe. `per-request`: a fresh connection for every request, closed after it. `kept`: a
 * fixed number of connections that take requests in turn; a request that finds them all busy waits for one.
 * Every request ends as exactly one sample.
 */
import { crc32 } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { deferred } from '../deferred.ts';
import type { Instant, ProbePlan, Sample } from '../model.ts';
import { checksumOf, countedIn, type Failure, failureOf, hostOf, LOOKED_AT_BYTES } from './answer.ts';
import { type Line, openLine } from './line.ts';

export interface ClientOptions extends Pick<ProbePlan, 'path' | 'connection' | 'timeoutMs' | 'maxInFlight'> {
  /** IPv4 address and port that are connected to. */
  address: string;
  port: number;
  /** Value of the Host header. */
  authority: string;
  now(): Instant;
  /** The serial number of a connection that has come about. */
  nextConnection(): number;
  /** Called once for each request, when it has ended. */
  onSample(sample: Sample): void;
}

export interface ProbeClient {
  /** Sends a request now, unless the cap holds it back. */
  send(n: number, due: Instant): void;
  /** Whether any request has not ended. */
  inFlight(): boolean;
  /** Waits for the requests in flight, at most so long, gives up those that are left, closes all connections. */
  drain(limitMs: number): Promise<void>;
}

/** A request on its way, and what is known of it so far. */
interface Flight {
  n: number;
  due: Instant;
  /** When the client got it. */
  handed: Instant;
  /** When its connection was begun, or it went out on one that was there. */
  sent: Instant | null;
  firstByte: Instant | null;
  status: number;
  /** The beginning of the body, and its length so far; `bytes` counts all that came. */
  head: Buffer[];
  headBytes: number;
  bytes: number;
  /** CRC-32 of all that came. */
  crc: number;
  seat: Seat | null;
  timer: NodeJS.Timeout;
}

/** A line and the request that it carries. */
interface Seat {
  line: Line;
  flight: Flight | null;
}

export function openClient(options: ClientOptions): ProbeClient {
  const { now, onSample, timeoutMs, maxInFlight } = options;
  const seats = openSeats(options);
  const flights = new Set<Flight>();
  let onLanded = (): void => {};

  const land = (flight: Flight, sample: Sample): void => {
    if (!flights.delete(flight)) return;
    clearTimeout(flight.timer);
    onSample(sample);
    seats.leave(flight, board);
    if (flights.size === 0) onLanded();
  };

  const fail = (flight: Flight, { kind, detail }: Failure): void => {
    const { n, due, handed, sent, seat } = flight;
    const connection = seat?.line.connection ?? null;
    land(flight, { n, due, state: 'failed', sent: sent ?? handed, end: now(), kind, detail, connection });
  };

  const answer = (flight: Flight, connection: number): void => {
    const end = now();
    const { n, due, handed, status, bytes, head, headBytes } = flight;
    const body = head.length === 1 ? (head[0] as Buffer) : Buffer.concat(head);
    const host = hostOf(body, headBytes === bytes);
    if (host === null) {
      fail(flight, { kind: 'garbled', detail: 'the body is not text' });
      return;
    }
    const sent = flight.sent ?? handed;
    const firstByte = flight.firstByte ?? end;
    const counted = countedIn(body);
    const checksum = checksumOf(body, headBytes === bytes, counted, flight.crc);
    const answered = { n, due, sent, firstByte, end, status, host, bytes, connection };
    const told = { ...(counted && { counted }), ...(checksum !== undefined && { checksum }) };
    land(flight, { state: 'answered', ...answered, ...told });
  };

  const board = (flight: Flight, seat: Seat): void => {
    seat.flight = flight;
    flight.seat = seat;
    seat.line.request(handlerOf(flight, seat.line));
  };

  const handlerOf = (flight: Flight, line: Line): Dispatcher.DispatchHandler => ({
    onRequestStart() {
      flight.sent ??= now();
    },
    onResponseStart(_, status) {
      flight.firstByte ??= now();
      flight.status = status;
    },
    onResponseData: (_, chunk) => keepHead(flight, chunk),
    onResponseEnd() {
      // A body without a length ends with its connection, and a reset is no end.
      if (line.error === null && line.connection !== null) answer(flight, line.connection);
      else fail(flight, failureOf(line.error ?? new Error('closed'), true));
    },
    onResponseError: (_, error) => fail(flight, failureOf(line.error ?? error, flight.firstByte !== null)),
  });

  /** Ends a request whose answer is no longer waited for, and its connection with it. */
  const giveUp = (flight: Flight, failure: Failure): void => {
    const line = flight.seat?.line;
    fail(flight, failure);
    line?.cut(failure.detail);
  };

  const send = (n: number, due: Instant): void => {
    if (flights.size >= maxInFlight) {
      onSample({ n, due, state: 'dropped' });
      return;
    }
    const flight = newFlight(n, due, now());
    flight.timer = setTimeout(() => {
      const detail = `no answer within ${timeoutMs} ms; waited for ${awaited(flight)}`;
      giveUp(flight, { kind: 'timeout', detail });
    }, timeoutMs);
    flights.add(flight);
    const seat = seats.find(flight);
    if (seat !== null) board(flight, seat);
  };

  const drain = async (limitMs: number): Promise<void> => {
    if (flights.size > 0) {
      const landed = deferred<void>();
      onLanded = landed.resolve;
      const limit = setTimeout(landed.resolve, limitMs);
      await landed.promise;
      clearTimeout(limit);
    }
    // The last first: those that wait for a connection must not get one now.
    const left = [...flights].reverse();
    for (const flight of left) giveUp(flight, { kind: 'other', detail: 'the probe ended before the answer' });
    await seats.close();
  };

  return { send, inFlight: () => flights.size > 0, drain };
}

interface Seats {
  /** A seat for the request; null: it waits in the queue. */
  find(flight: Flight): Seat | null;
  /** The request has ended: its seat goes to the first that waits, or is free. */
  leave(flight: Flight, board: (next: Flight, seat: Seat) => void): void;
  close(): Promise<void>;
}

function openSeats({ connection, now, ...target }: ClientOptions): Seats {
  const most = connection.kind === 'kept' ? connection.count : Number.POSITIVE_INFINITY;
  const kept = connection.kind === 'kept';
  const all = new Set<Seat>();
  const free: Seat[] = [];
  const queue: Flight[] = [];

  const open = (): Seat => {
    const seat: Seat = {
      flight: null,
      line: openLine({
        ...target,
        kept,
        onConnecting() {
          if (seat.flight !== null) seat.flight.sent ??= now();
        },
        // Only now can a line for fresh connections be used again.
        onGone: () => void (!kept && seat.flight === null && free.push(seat)),
      }),
    };
    all.add(seat);
    return seat;
  };

  return {
    find(flight) {
      // Kept connections are all made, and take turns; for fresh ones, the line used last has warm memory.
      const seat = kept ? (all.size < most ? open() : (free.shift() ?? null)) : (free.pop() ?? open());
      if (seat === null) queue.push(flight);
      return seat;
    },
    leave(flight, board) {
      const { seat } = flight;
      if (seat === null) {
        queue.splice(queue.indexOf(flight), 1);
        return;
      }
      seat.flight = null;
      const next = queue.shift();
      // Not at once: undici is still busy with the end of the request before.
      if (next !== undefined) queueMicrotask(() => board(next, seat));
      else if (kept || !seat.line.engaged) free.push(seat);
    },
    async close() {
      free.length = 0;
      const lines = [...all].map(({ line }) => line.close());
      all.clear();
      await Promise.all(lines);
    },
  };
}

function newFlight(n: number, due: Instant, handed: Instant): Flight {
  const unknown = { sent: null, firstByte: null, status: 0, seat: null, timer: undefined as never };
  return { n, due, handed, ...unknown, head: [], headBytes: 0, bytes: 0, crc: 0 };
}

function keepHead(flight: Flight, chunk: Buffer): void {
  flight.bytes += chunk.length;
  flight.crc = crc32(chunk, flight.crc);
  if (flight.headBytes >= LOOKED_AT_BYTES) return;
  // A copy: the chunk is a view of everything that was read from the socket at once.
  const head = Buffer.from(chunk.subarray(0, LOOKED_AT_BYTES - flight.headBytes));
  flight.headBytes += head.length;
  flight.head.push(head);
}

function awaited({ seat, firstByte }: Flight): string {
  if (seat === null) return 'a free connection';
  if (seat.line.connection === null) return 'a connection';
  return firstByte === null ? 'the first byte' : 'the rest of the answer';
}
