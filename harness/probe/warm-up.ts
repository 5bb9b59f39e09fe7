/**
 * Requests to a server inside the probe itself, before the first one that counts: the parser and the paths
 * through undici get compiled, which would otherwise make the first tenth of a second late.
 */
import { createServer, type Server } from 'node:net';
import { deferred } from '../deferred.ts';
import { openClient } from './client.ts';
import type { ProbeOptions } from './protocol.ts';
import { sampleLine } from './samples.ts';

const REQUESTS = 400;
const IN_FLIGHT = 4;
const LIMIT_MS = 1_000;
const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n';

/** Takes some 0.2 s, at most about a second; does nothing where the client's place has no loopback. */
export async function warmUp({ connection, path }: ProbeOptions, now: () => number): Promise<void> {
  const server = await listen(connection.kind === 'kept');
  if (server === null) return;
  const address = server.address();
  if (address === null || typeof address === 'string') return;
  const over = deferred<void>();
  let sent = 0;
  let ended = 0;
  let connections = 0;
  const deadlineMs = now() + LIMIT_MS;
  const client = openClient({
    path,
    connection,
    timeoutMs: LIMIT_MS,
    maxInFlight: IN_FLIGHT,
    address: address.address,
    port: address.port,
    authority: 'warm-up',
    now,
    nextConnection: () => ++connections,
    onSample(sample) {
      sampleLine(sample);
      ended++;
      if (sent < REQUESTS && now() < deadlineMs) setImmediate(send);
      else if (ended === sent) over.resolve();
    },
  });
  const send = (): void => client.send(sent++, now());
  for (let i = 0; i < IN_FLIGHT; i++) send();
  await over.promise;
  await client.drain(0);
  server.close();
}

function listen(kept: boolean): Promise<Server | null> {
  const answer = `${ANSWER}Connection: ${kept ? 'keep-alive' : 'close'}\r\n\r\nwarm-up`;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => void (kept ? socket.write(answer) : socket.end(answer)));
  });
  return new Promise((resolve) => {
    server.on('error', () => resolve(null));
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
