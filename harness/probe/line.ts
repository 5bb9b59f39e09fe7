/**
 * A line: one undici Client, which is one TCP connection at most, made when a request needs it. It carries one
 * request at a time, and sends none of them twice.
 */
import { createConnection, type Socket } from 'node:net';
import { Client, type Dispatcher } from 'undici';

export interface Line {
  /** Serial number of its connection; null while there is none. */
  readonly connection: number | null;
  /** The socket's own error, of this connection or the last one; undici may hide it behind one of its own. */
  readonly error: Error | null;
  /** There is a connection, or one is coming up or going down. */
  readonly engaged: boolean;
  request(handler: Dispatcher.DispatchHandler): void;
  /** Breaks the connection, whatever it is about. */
  cut(why: string): void;
  /** Closes the connection; resolves when it is closed. No request may be on its way. */
  close(): Promise<void>;
}

export interface LineOptions {
  /** IPv4 address and port that are connected to. */
  address: string;
  port: number;
  path: string;
  /** Value of the Host header. */
  authority: string;
  /** Whether its connection lives on after an answer. */
  kept: boolean;
  nextConnection(): number;
  /** A connection is being made from here on. */
  onConnecting(): void;
  /** The connection is gone, or did not come about. Not called after `close`. */
  onGone(): void;
}

/** A kept connection is closed by the server or by the end of the probe, and never for being idle. */
const NEVER_MS = 24 * 3_600_000;

export function openLine(options: LineOptions): Line {
  let socket: Socket | null = null;
  let connection: number | null = null;
  let error: Error | null = null;
  const client = new Client(`http://${options.address}:${options.port}`, {
    pipelining: options.kept ? 1 : 0,
    // undici's own timers are half a second coarse: they are off, and each request has one of the probe's.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: NEVER_MS,
    keepAliveMaxTimeout: NEVER_MS,
    // Subtracted from the server's hint.
    keepAliveTimeoutThreshold: -NEVER_MS,
    connect(_, callback) {
      options.onConnecting();
      error = null;
      const made = createConnection({ host: options.address, port: options.port, noDelay: true });
      const failed = (reason: Error): void => callback(reason, null);
      socket = made
        // Before undici's own listener, which may end the request.
        .on('error', (reason) => {
          error ??= reason;
        })
        .once('error', failed)
        .once('connect', () => {
          made.off('error', failed);
          connection = options.nextConnection();
          callback(null, made);
        });
    },
  });
  const gone = (): void => {
    socket = null;
    connection = null;
    if (!client.destroyed) options.onGone();
  };
  client.on('disconnect', gone);
  client.on('connectionError', gone);
  const request: Dispatcher.DispatchOptions = {
    method: 'GET',
    path: options.path,
    headers: ['host', options.authority],
  };
  return {
    get connection() {
      return connection;
    },
    get error() {
      return error;
    },
    get engaged() {
      return socket !== null;
    },
    request: (handler) => void client.dispatch(request, handler),
    cut: (why) => void socket?.destroy(new Error(why)),
    close: () => client.destroy(),
  };
}
