/** The HTTP client of the probe: one request, its instants, and how it ended. */
import { createConnection, type Socket } from 'node:net';
import { Client, type Dispatcher } from 'undici';
import type { AnsweredSample, FailedSample, FailureKind, Instant, ProbePlan } from '../model.ts';

export interface HttpClient {
  /** Sends one request now; `done` is called once, with how it ended. */
  send(request: { n: number; due: Instant }, done: (sample: AnsweredSample | FailedSample) => void): void;
  close(): Promise<void>;
}

export interface ClientOptions {
  address: string;
  port: number;
  /** For the Host header. */
  service: string;
  path: string;
  connection: ProbePlan['connection'];
  timeoutMs: number;
  now(): Instant;
}

const BODY_LIMIT = 1 << 20;
const HOST_LIMIT = 100;

export function httpClient(options: ClientOptions): HttpClient {
  switch (options.connection.kind) {
    case 'per-request':
      return perRequest(options);
    case 'kept':
      return kept(options, options.connection.count);
  }
}

/** A counter of TCP connections: each that comes about gets the next number. */
interface Line {
  client: Client;
  /** Of the newest connection; null before the first. */
  connection: number | null;
}

/** A connection for each request; what carries them is used again, since making it costs more than connecting. */
function perRequest(options: ClientOptions): HttpClient {
  const counter = { connections: 0 };
  const all = new Set<Line>();
  const idle: Line[] = [];
  return {
    send(request, done) {
      const line = idle.pop() ?? openLine(options, counter);
      all.add(line);
      line.connection = null;
      dispatch(line, options, request, true, (sample) => {
        done(sample);
        if (sample.state === 'answered') idle.push(line);
        else {
          all.delete(line);
          line.client.destroy().catch(() => {});
        }
      });
    },
    close: async () => {
      await Promise.all([...all].map((line) => line.client.destroy()));
    },
  };
}

/** Requests take turns on connections that are kept; one that broke comes back with a new number. */
function kept(options: ClientOptions, count: number): HttpClient {
  const counter = { connections: 0 };
  const lines = Array.from({ length: count }, () => openLine(options, counter));
  return {
    send(request, done) {
      const line = lines[request.n % count] as Line;
      dispatch(line, options, request, false, done);
    },
    close: async () => {
      await Promise.all(lines.map((line) => line.client.destroy()));
    },
  };
}

function openLine({ address, port, timeoutMs }: ClientOptions, counter: { connections: number }): Line {
  const line: Line = { client: undefined as unknown as Client, connection: null };
  const connect = (_: unknown, callback: (error: Error | null, socket: Socket | null) => void): Socket => {
    const socket = createConnection({ host: address, port, noDelay: true });
    const fail = (error: Error): void => callback(error, null);
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.off('error', fail);
      line.connection = ++counter.connections;
      callback(null, socket);
    });
    return socket;
  };
  // The limits are our own: undici's timers tick only twice a second.
  line.client = new Client(`http://${address}:${port}`, {
    connect: connect as never,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: Math.max(timeoutMs * 10, 600_000),
    keepAliveMaxTimeout: 2_147_483_647,
  });
  return line;
}

function dispatch(
  line: Line,
  options: ClientOptions,
  request: { n: number; due: Instant },
  close: boolean,
  done: (sample: AnsweredSample | FailedSample) => void,
): void {
  const { now } = options;
  const sent = now();
  let answer = { status: 0, firstByte: 0, body: '', bytes: 0, length: null as number | null };
  let controller: Dispatcher.DispatchController | null = null;
  let over = false;
  const finish = (sample: AnsweredSample | FailedSample): void => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    done(sample);
  };
  const fail = (kind: FailureKind, detail: string): void =>
    finish({
      ...request,
      state: 'failed',
      sent,
      end: now(),
      kind,
      detail: detail.slice(0, 200),
      connection: line.connection,
    });
  const timer = setTimeout(() => {
    fail('timeout', `no whole answer within ${options.timeoutMs} ms`);
    const reason = new Error('the time limit of the probe');
    if (controller !== null) controller.abort(reason);
    else line.client.destroy(reason).catch(() => {});
  }, options.timeoutMs);
  const headers = { host: options.port === 80 ? options.service : `${options.service}:${options.port}` };
  line.client.dispatch(
    { path: options.path, method: 'GET', headers, reset: close },
    {
      onRequestStart(given) {
        controller = given;
        if (over) given.abort(new Error('the time limit of the probe'));
      },
      onResponseStart(_, status, given) {
        const length = given['content-length'];
        answer = {
          ...answer,
          status,
          firstByte: now(),
          length: typeof length === 'string' ? Number(length) : null,
        };
      },
      onResponseData(_, chunk) {
        answer.bytes += chunk.length;
        if (answer.body.length < BODY_LIMIT) answer.body += chunk.toString('utf8');
      },
      onResponseEnd() {
        const host = answer.body.split('\n', 1)[0]?.trim().slice(0, HOST_LIMIT) ?? '';
        if (answer.body.includes('\uFFFD')) return fail('garbled', 'the body is not text');
        const { status, firstByte, bytes } = answer;
        finish({
          ...request,
          state: 'answered',
          sent,
          firstByte,
          end: now(),
          status,
          host,
          bytes,
          connection: line.connection ?? 0,
        });
      },
      onResponseError(_, error) {
        fail(kindOf(error), `${codeOf(error)}: ${error.message}`);
      },
    },
  );
}

const KIND_OF: Record<string, FailureKind> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  UND_ERR_SOCKET: 'reset',
  UND_ERR_DESTROYED: 'reset',
  UND_ERR_CLOSED: 'reset',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'garbled',
};

function kindOf(error: Error): FailureKind {
  const code = codeOf(error);
  if (code.startsWith('HPE_')) return 'garbled';
  return KIND_OF[code] ?? 'other';
}

function codeOf(error: Error): string {
  return String((error as NodeJS.ErrnoException).code ?? error.name);
}
