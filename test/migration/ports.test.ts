import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { portsOf, requireFreePorts, untilListening } from '../../harness/migration/ports.ts';
import { parseScenario } from '../../harness/scenario/load.ts';
import { type FakeHost, fakeHost } from '../fake-host.ts';

let host: FakeHost | undefined;
afterEach(() => host?.remove());

test('a port that somebody listens on is an error that names host, port and who needs it', async () => {
  host = fakeHost('rhel01');
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const wanted = [{ port, by: "CRIU's page server", next: 'end it' }];
  await expect(requireFreePorts(host, wanted)).rejects.toMatchObject({
    message: `port ${port} is in use on rhel01, where CRIU's page server must listen`,
    next: 'end it',
    exitCode: 2,
  });
  await new Promise((resolve) => server.close(resolve));
  await expect(requireFreePorts(host, wanted)).resolves.toBeUndefined();
});

const AT_ONCE = { limitMs: 60_000, signal: new AbortController().signal };

test('whoever waits for a listener returns once there is one', async () => {
  host = fakeHost('rhel01');
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  let returned = false;
  const waiting = untilListening(host, { port, by: '', next: '' }, AT_ONCE).then(() => {
    returned = true;
  });
  await sleep(200);
  expect(returned).toBe(false);
  server.listen(port, '127.0.0.1');
  await waiting;
  await new Promise((resolve) => server.close(resolve));
});

test.each([
  ['its limit is over', () => ({ limitMs: 0, signal: new AbortController().signal })],
  ['nobody needs it any more', () => ({ limitMs: 60_000, signal: AbortSignal.timeout(50) })],
])('whoever waits for a listener that never comes returns when %s', async (_, until) => {
  host = fakeHost('rhel01');
  // Nobody listens on port 0.
  await expect(untilListening(host, { port: 0, by: '', next: '' }, until())).resolves.toBeUndefined();
});

test.each([
  ['stop-and-copy, transfer: share', [80]],
  ['stop-and-copy, transfer: copy', [80, 17_028]],
  ['stop-and-copy, transfer: page-server', [80, 27, 17_028]],
  ['pre-copy, transfer: share', [80]],
  ['post-copy, transfer: share', [80, 27]],
  ['hybrid, transfer: share', [80, 27]],
])('%s needs the ports %j', (migration, ports) => {
  const bundle = 'bundle: { root: { path: /srv/root }, args: [/bin/a] }';
  const scenario = parseScenario(
    `name: a\nwhy: b\n${bundle}\nmigration: { strategy: ${migration} }`,
    'a.yaml',
  );
  expect(portsOf(scenario).map(({ port }) => port)).toEqual(ports);
});
