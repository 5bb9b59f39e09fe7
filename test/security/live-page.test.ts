import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Server, serve } from '../../harness/live-page/serve.ts';

let server: Server;
let url: URL;
const listened: string[] = [];
beforeAll(async () => {
  server = await serve({
    page: () => ({ markup: '<!doctype html>report', policy: "default-src 'none'" }),
    listen(response, after) {
      listened.push(after);
      response.end('event: now\n\n');
    },
  });
  url = new URL(server.url);
});
afterAll(() => server.close());

interface Asked {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
}

async function ask({ method = 'GET', path = url.pathname, headers = {} }: Asked) {
  const sent = request({ host: '127.0.0.1', port: url.port, method, path, headers });
  sent.end();
  const [response] = await once(sent, 'response');
  let body = '';
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode as number, headers: response.headers, body };
}

const path = (change: (token: string) => string): string => `/${change(url.pathname.slice(1, -1))}/`;

describe('a live page', () => {
  it('is served below a random token of 256 bits, which differs each time', async () => {
    const other = await serve({ page: () => ({ markup: '', policy: '' }), listen: () => {} });
    expect([url.pathname, new URL(other.url).pathname]).toEqual([
      expect.stringMatching(/^\/[\w-]{43}\/$/),
      expect.stringMatching(/^\/[\w-]{43}\/$/),
    ]);
    expect(new URL(other.url).pathname).not.toBe(url.pathname);
    await other.close();
    expect((await ask({})).body).toBe('<!doctype html>report');
  });

  it('listens on 127.0.0.1 and nowhere else', () => {
    // Field 2 is the local address in hexadecimal, with its bytes in the order of this machine; 0A is LISTEN.
    const port = Number(url.port).toString(16).toUpperCase().padStart(4, '0');
    const sockets = ['tcp', 'tcp6'].flatMap((name) => {
      const lines = readFileSync(`/proc/net/${name}`, 'utf8').trim().split('\n').slice(1);
      return lines.map((line) => line.trim().split(/\s+/)).map(([, local, , state]) => ({ local, state }));
    });
    const own = sockets.filter(({ local, state }) => local?.endsWith(`:${port}`) && state === '0A');
    expect(own.map(({ local }) => local)).toEqual([`0100007F:${port}`]);
  });

  const others: Record<string, () => Asked> = {
    'no token': () => ({ path: '/' }),
    'another token': () => ({ path: path((token) => (token[0] === 'A' ? 'B' : 'A') + token.slice(1)) }),
    'a token that is cut off': () => ({ path: path((token) => token.slice(0, -1)) }),
    'a token that goes on': () => ({ path: path((token) => `${token}A`) }),
    'another path below the token': () => ({ path: `${url.pathname}record.json` }),
    'a path that climbs': () => ({ path: `${url.pathname}../../etc/passwd` }),
    'a query': () => ({ path: `${url.pathname}?a=b` }),
    'events without saying after what': () => ({ path: `${url.pathname}events` }),
    'the token without its slash': () => ({ path: url.pathname.slice(0, -1) }),
    POST: () => ({ method: 'POST' }),
    PUT: () => ({ method: 'PUT' }),
    DELETE: () => ({ method: 'DELETE' }),
    OPTIONS: () => ({ method: 'OPTIONS', headers: { origin: 'https://example.org' } }),
    'a name that was made to resolve to this machine': () => ({
      headers: { host: `evil.example:${url.port}` },
    }),
    'a name that begins as a good one': () => ({ headers: { host: '127.0.0.1.evil.example' } }),
    'a name that ends as a good one': () => ({ headers: { host: 'evil-localhost' } }),
    'another address': () => ({ headers: { host: `0.0.0.0:${url.port}` } }),
    'a name without a port': () => ({ headers: { host: 'evil.example' } }),
  };
  it.each(Object.entries(others))('is not there for %s', async (_, asked) => {
    const { status, headers, body } = await ask(asked());
    expect([status, body]).toEqual([404, 'not found\n']);
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('is there through a forwarded port, whose number is another', async () => {
    expect((await ask({ headers: { host: 'localhost:9999' } })).status).toBe(200);
  });

  it('is neither kept, framed, read by other origins, nor betrayed to them', async () => {
    const { headers } = await ask({ headers: { origin: 'https://example.org' } });
    const { date: _, connection: __, 'keep-alive': ___, 'transfer-encoding': ____, ...own } = headers;
    expect(own).toEqual({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'content-type': 'text/html; charset=utf-8',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
  });

  it('tells its news to whoever has the token, after what that one has', async () => {
    listened.length = 0;
    const events = `${url.pathname}events?after=1.7`;
    const { headers, body } = await ask({ path: events });
    await ask({ path: events, headers: { 'last-event-id': '1.9' } });
    expect([headers['content-type'], body]).toEqual(['text/event-stream; charset=utf-8', 'event: now\n\n']);
    expect(listened).toEqual(['1.7', '1.9']);
    expect((await ask({ path: path((token) => `${token}x`).concat('events?after=1.7') })).status).toBe(404);
    expect(listened).toEqual(['1.7', '1.9']);
  });
});
