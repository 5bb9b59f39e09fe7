/**
 * The server of a live page: two addresses below a token, for GET, from this machine; anything else is not there. It
 * listens on loopback only.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LivePage } from '../report/html/live.ts';

const LOOPBACK = '127.0.0.1';
/** A page of another name that is made to resolve to this address is not answered (DNS rebinding). */
const HOSTS = /^(127\.0\.0\.1|localhost)(:\d{1,5})?$/;
const CONNECTIONS_AT_MOST = 32;
const TOKEN_BYTES = 32;

export interface Served {
  page(): LivePage;
  /** A reader of news, from what it has already. */
  listen(response: ServerResponse, after: string): void;
}

export interface Server {
  url: string;
  /** Whoever is still connected is cut off. */
  close(): Promise<void>;
}

/** Listens on a free port of loopback. The token is in the URL and nowhere else. */
export async function serve(served: Served): Promise<Server> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const server = createServer(listener(token, served));
  server.maxConnections = CONNECTIONS_AT_MOST;
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${LOOPBACK}:${port}/${token}/`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function listener(token: string, { page, listen }: Served) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const asked = readUrl(request.url ?? '');
    const allowed =
      request.method === 'GET' &&
      HOSTS.test(request.headers.host ?? '') &&
      asked !== null &&
      isSame(asked.token, token);
    if (!allowed) {
      response.writeHead(404, { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' });
      response.end('not found\n');
    } else if (asked.after === null) {
      const { markup, policy } = page();
      response.writeHead(200, {
        ...HEADERS,
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': `${policy}; frame-ancestors 'none'`,
      });
      response.end(markup);
    } else {
      response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream; charset=utf-8' });
      const last = request.headers['last-event-id'];
      listen(response, typeof last === 'string' ? last : asked.after);
    }
  };
}

/** No other origin may read it, frame it or learn its address from it, and nobody keeps it. */
const HEADERS = {
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** `/TOKEN/` and `/TOKEN/events?after=…`; null for anything else. `after`: null for the page. */
function readUrl(url: string): { token: string; after: string | null } | null {
  const found = /^\/([^/?#]*)\/(?:events\?after=([\w.]{0,40}))?$/.exec(url);
  return found === null ? null : { token: found[1] as string, after: found[2] ?? null };
}

/** In the same time wherever they differ. */
function isSame(given: string, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
