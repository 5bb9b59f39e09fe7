import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { requireFreePort } from '../harness/prepare.ts';
import { type FakeHost, fakeHost } from './fake-host.ts';

let host: FakeHost;
afterEach(() => host.remove());

test('a port that somebody listens on is an error that names host and port', async () => {
  host = fakeHost('rhel01');
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await expect(requireFreePort(host, port)).rejects.toMatchObject({
    message: `port ${port} is in use on rhel01`,
    exitCode: 2,
  });
  await new Promise((resolve) => server.close(resolve));
  await expect(requireFreePort(host, port)).resolves.toBeUndefined();
});
