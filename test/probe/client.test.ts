import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { Sample } from '../../harness/model.ts';
import { type ClientOptions, openClient, type ProbeClient } from '../../harness/probe/client.ts';
import { answer, type TestServer, testServer } from './server.ts';

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function server(onRequest: (socket: Socket, head: string) => void, port = 0): Promise<TestServer> {
  const made = await testServer(onRequest, port);
  opened.push(made.close);
  return made;
}

const PER_REQUEST: Partial<ClientOptions> = { connection: { kind: 'per-request' } };
const kept = (count: number): Partial<ClientOptions> => ({ connection: { kind: 'kept', count } });

function client(port: number, options: Partial<ClientOptions> = {}) {
  const samples: Sample[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  let connections = 0;
  const made: ProbeClient = openClient({
    path: '/who',
    connection: { kind: 'per-request' },
    timeoutMs: 5_000,
    maxInFlight: 100,
    address: '127.0.0.1',
    port,
    authority: `rhel0x:${port}`,
    now: () => performance.now(),
    nextConnection: () => ++connections,
    onSample(sample) {
      samples.push(sample);
      for (const { count, resolve } of waiting) if (samples.length >= count) resolve();
    },
    ...options,
  });
  opened.push(() => made.drain(0));
  /** Sends one request and waits for its sample. */
  const ask = async (n: number): Promise<Sample> => {
    const before = samples.length;
    made.send(n, n);
    await ended(before + 1);
    return samples[before] as Sample;
  };
  const ended = (count: number): Promise<void> =>
    samples.length >= count ? Promise.resolve() : new Promise((resolve) => waiting.push({ count, resolve }));
  return { ...made, samples, ask, ended };
}

/** What does not depend on time. */
function gist(sample: Sample): unknown {
  switch (sample.state) {
    case 'answered':
      return [sample.n, sample.status, sample.host, sample.bytes, sample.connection];
    case 'failed':
      return [sample.n, sample.kind, sample.connection];
    case 'dropped':
      return [sample.n, 'dropped'];
  }
}

test('a request names the service, and asks for the end of its connection where that is fresh', async () => {
  const heads: string[] = [];
  const { port } = await server((socket, head) => {
    heads.push(head);
    socket.write(answer('rhel01\n'));
  });
  await client(port, PER_REQUEST).ask(0);
  await client(port, kept(1)).ask(0);
  expect(heads).toEqual([
    `GET /who HTTP/1.1\r\nhost: rhel0x:${port}\r\nconnection: close`,
    `GET /who HTTP/1.1\r\nhost: rhel0x:${port}\r\nconnection: keep-alive`,
  ]);
});

test('fresh connections are one for each request, kept ones are used in turn', async () => {
  const { port } = await server((socket) => socket.write(answer('rhel01\n')));
  const fresh = client(port, PER_REQUEST);
  for (const n of [0, 1, 2]) await fresh.ask(n);
  expect(fresh.samples.map(gist)).toEqual([
    [0, 200, 'rhel01', 7, 1],
    [1, 200, 'rhel01', 7, 2],
    [2, 200, 'rhel01', 7, 3],
  ]);
  const keeping = client(port, kept(2));
  for (const n of [0, 1, 2, 3]) await keeping.ask(n);
  expect(keeping.samples.map(gist)).toEqual([
    [0, 200, 'rhel01', 7, 1],
    [1, 200, 'rhel01', 7, 2],
    [2, 200, 'rhel01', 7, 1],
    [3, 200, 'rhel01', 7, 2],
  ]);
});

test('the instants of an answer are in the order of its life', async () => {
  const { port } = await server((socket) => socket.write(answer('rhel01\n')));
  for (const options of [PER_REQUEST, kept(1)]) {
    const sample = await client(port, options).ask(0);
    if (sample.state !== 'answered') throw new Error('not answered');
    const { sent, firstByte, end } = sample;
    expect([sent, firstByte, end]).toEqual([sent, firstByte, end].sort((a, b) => a - b));
  }
});

test('every status is an answer, and the host is what the body says', async () => {
  const bodies = [answer('', 204), answer('no such page\n', 404), answer('rhel02', 503)];
  const { port } = await server((socket) => socket.write(bodies.shift() ?? ''));
  const { ask, samples } = client(port);
  for (const n of [0, 1, 2]) await ask(n);
  expect(samples.map(gist)).toEqual([
    [0, 204, '', 0, 1],
    [1, 404, 'no such page', 13, 2],
    [2, 503, 'rhel02', 6, 3],
  ]);
});

test('a large body is counted whole, and its host is read from the beginning', async () => {
  const { port } = await server((socket) => socket.write(answer(`rhel01\n${'ü'.repeat(300_000)}`)));
  expect(gist(await client(port, kept(1)).ask(0))).toEqual([0, 200, 'rhel01', 600_007, 1]);
});

test('no listener is a refusal, without a connection', async () => {
  const gone = await testServer(() => {});
  await gone.close();
  for (const options of [PER_REQUEST, kept(1)]) {
    const { ask, samples } = client(gone.port, options);
    await ask(0);
    await ask(1);
    expect(samples.map(gist)).toEqual([
      [0, 'refused', null],
      [1, 'refused', null],
    ]);
  }
});

test.each([
  ['a reset instead of an answer', 'reset', (socket: Socket) => socket.resetAndDestroy()],
  ['an end instead of an answer', 'reset', (socket: Socket) => socket.end()],
  ['words that are not HTTP', 'garbled', (socket: Socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')],
  ['a body that is not text', 'garbled', (socket: Socket) => socket.write(answer('\u0000\u0001'))],
  [
    'a body shorter than its length',
    'garbled',
    (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nrhel01'),
  ],
  [
    'a chunked body without an end',
    'garbled',
    (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nrhel01\r\n'),
  ],
])('%s is a failure: %s', async (_, kind, act) => {
  const { port } = await server(act);
  expect(gist(await client(port, PER_REQUEST).ask(0))).toEqual([0, kind, 1]);
  expect(gist(await client(port, kept(1)).ask(0))).toEqual([0, kind, 1]);
});

test.each([
  ['a body with a length', 'Content-Length: 10\r\nConnection: close'],
  ['a body that ends with its connection', 'Connection: close'],
  ['a chunked body on a kept connection', 'Transfer-Encoding: chunked'],
])('a reset in the middle of %s is a reset', async (_, header) => {
  let reset = (): void => {};
  const { port } = await server((socket) => {
    const chunk = header.includes('chunked') ? '6\r\nrhel01\r\n' : 'rhel01';
    socket.write(`HTTP/1.1 200 OK\r\n${header}\r\n\r\n${chunk}`);
    reset = () => socket.resetAndDestroy();
  });
  for (const options of [PER_REQUEST, kept(1)]) {
    const { send, samples, ended } = client(port, options);
    send(0, 0);
    // The client must have read the first part: a reset would throw that away.
    await new Promise((resolve) => setTimeout(resolve, 100));
    reset();
    await ended(1);
    expect(samples.map(gist)).toEqual([[0, 'reset', 1]]);
  }
});

test('an answer that does not come, or not wholly, is a timeout that says what was awaited', async () => {
  const { port } = await server((socket, head) => {
    if (head.startsWith('GET /half')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nrhel01');
  });
  const details: unknown[] = [];
  for (const path of ['/none', '/half']) {
    for (const options of [PER_REQUEST, kept(1)]) {
      const sample = await client(port, { ...options, path, timeoutMs: 150 }).ask(0);
      details.push(sample.state === 'failed' ? [sample.kind, sample.detail, sample.connection] : sample);
      if (sample.state === 'failed') expect(sample.end - sample.sent).toBeGreaterThanOrEqual(149);
    }
  }
  expect(details).toEqual([
    ['timeout', 'no answer within 150 ms; waited for the first byte', 1],
    ['timeout', 'no answer within 150 ms; waited for the first byte', 1],
    ['timeout', 'no answer within 150 ms; waited for the rest of the answer', 1],
    ['timeout', 'no answer within 150 ms; waited for the rest of the answer', 1],
  ]);
});

test('a request in time after one that was given up gets its own answer', async () => {
  let hang = true;
  const { port } = await server((socket) => {
    if (!hang) socket.write(answer('rhel02\n'));
  });
  for (const options of [PER_REQUEST, kept(1)]) {
    const { ask, samples } = client(port, { ...options, timeoutMs: 150 });
    hang = true;
    await ask(0);
    hang = false;
    await ask(1);
    expect(samples.map(gist)).toEqual([
      [0, 'timeout', 1],
      [1, 200, 'rhel02', 7, 2],
    ]);
  }
});

test('a kept connection that broke is made anew, with the next number', async () => {
  const first = await testServer((socket) => socket.write(answer('rhel01\n')));
  const { ask, samples } = client(first.port, kept(2));
  for (const n of [0, 1, 2]) await ask(n);
  await first.close();
  // Both connections' resets arrive before the next request.
  await new Promise((resolve) => setTimeout(resolve, 50));
  await ask(3);
  await server((socket) => socket.write(answer('rhel02\n')), first.port);
  for (const n of [4, 5, 6]) await ask(n);
  expect(samples.map(gist)).toEqual([
    [0, 200, 'rhel01', 7, 1],
    [1, 200, 'rhel01', 7, 2],
    [2, 200, 'rhel01', 7, 1],
    [3, 'refused', null],
    [4, 200, 'rhel02', 7, 3],
    [5, 200, 'rhel02', 7, 4],
    [6, 200, 'rhel02', 7, 3],
  ]);
});

test('a reset under a request on a kept connection is a failure, and nothing is sent twice', async () => {
  let requests = 0;
  const { port, connections } = await server((socket) => {
    if (++requests === 2) socket.resetAndDestroy();
    else socket.write(answer('rhel01\n'));
  });
  const { ask, samples } = client(port, kept(1));
  for (const n of [0, 1, 2]) await ask(n);
  expect({ samples: samples.map(gist), requests, connections: connections() }).toEqual({
    samples: [
      [0, 200, 'rhel01', 7, 1],
      [1, 'reset', 1],
      [2, 200, 'rhel01', 7, 2],
    ],
    requests: 3,
    connections: 2,
  });
});

test('what the cap holds back is dropped, and told at once', async () => {
  const held: Socket[] = [];
  const { port } = await server((socket) => held.push(socket));
  const { send, samples, ended } = client(port, { maxInFlight: 2 });
  for (const n of [0, 1, 2, 3]) send(n, n);
  expect(samples).toEqual([
    { n: 2, due: 2, state: 'dropped' },
    { n: 3, due: 3, state: 'dropped' },
  ]);
  while (held.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  for (const socket of held) socket.write(answer('rhel01\n'));
  await ended(4);
  send(4, 4);
  expect(samples.filter(({ state }) => state === 'dropped').length).toBe(2);
});

test('a request that finds all kept connections busy waits for one, and is sent when it gets it', async () => {
  const held: Socket[] = [];
  const { port } = await server((socket) => {
    if (held.push(socket) > 1) socket.write(answer('rhel01\n'));
  });
  const { send, samples, ended } = client(port, kept(1));
  for (const n of [0, 1, 2]) send(n, n);
  while (held.length < 1) await new Promise((resolve) => setTimeout(resolve, 5));
  const releasedAt = performance.now();
  held[0]?.write(answer('rhel01\n'));
  await ended(3);
  expect(samples.map(gist)).toEqual([
    [0, 200, 'rhel01', 7, 1],
    [1, 200, 'rhel01', 7, 1],
    [2, 200, 'rhel01', 7, 1],
  ]);
  expect(samples.map((sample) => sample.state === 'answered' && sample.sent >= releasedAt)).toEqual([
    false,
    true,
    true,
  ]);
});

test('a drain waits for answers, and leaves no connection open', async () => {
  const held: Socket[] = [];
  const { port } = await server((socket) => {
    if (held.push(socket) === 1) setTimeout(() => socket.write(answer('rhel01\n')), 50);
  });
  const { send, drain, samples } = client(port, kept(1));
  send(0, 0);
  const closed = new Promise<void>((resolve) => {
    const look = setInterval(() => {
      if (held[0] === undefined) return;
      clearInterval(look);
      once(held[0], 'close').then(() => resolve());
    }, 1);
  });
  await drain(5_000);
  expect(samples.map(gist)).toEqual([[0, 200, 'rhel01', 7, 1]]);
  await closed;
});

test('what is left at the end of a drain is given up, each with its sample', async () => {
  const { port } = await server(() => {});
  for (const options of [PER_REQUEST, kept(1)]) {
    const { send, drain, samples } = client(port, options);
    for (const n of [0, 1]) send(n, n);
    await drain(100);
    // With one kept connection, the second request was still waiting for it.
    expect(samples.map((sample) => sample.state === 'failed' && sample.connection)).toEqual(
      options === PER_REQUEST ? [2, 1] : [null, 1],
    );
    expect(samples.map((sample) => [sample.n, sample.state === 'failed' && sample.detail]).sort()).toEqual([
      [0, 'the probe ended before the answer'],
      [1, 'the probe ended before the answer'],
    ]);
  }
});

test('under resets at random every request ends as one sample, and no connection is left', async () => {
  let requests = 0;
  const { port } = await server((socket) => {
    const turn = ++requests % 7;
    if (turn === 1) socket.resetAndDestroy();
    else if (turn === 3) socket.end();
    else if (turn === 5)
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nrh', () => socket.destroy());
    else socket.write(answer('rhel01\n'));
  });
  for (const options of [PER_REQUEST, kept(3)]) {
    const { send, drain, samples, ended } = client(port, { ...options, maxInFlight: 1_000 });
    for (let n = 0; n < 500; n++) {
      send(n, n);
      if (n % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await ended(500);
    await drain(1_000);
    expect(samples.map(({ n }) => n).sort((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, n) => n));
    expect(new Set(samples.map(({ state }) => state))).toEqual(new Set(['answered', 'failed']));
  }
});
