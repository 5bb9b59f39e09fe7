import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { Bundle } from '../harness/model.ts';
import { familyOf, requireFreePort } from '../harness/prepare.ts';
import { parseScenario } from '../harness/scenario/load.ts';
import { type FakeHost, fakeHost } from './fake-host.ts';

let host: FakeHost | undefined;
afterEach(() => host?.remove());

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

test("the root is that of the hosts' packages, or the RPM one where there is no other", () => {
  const debian = '{ suite: bookworm, packages: [apache2] }';
  const rpm = '{ releasever: 9, packages: [httpd] }';
  const bundle = (root: string): Bundle =>
    parseScenario(`name: a\nwhy: b\nbundle: { root: { ${root} }, args: [/bin/a] }`, 'a.yaml').bundle;
  const both = bundle(`debian: ${debian}, rpm: ${rpm}`);
  expect(familyOf(both, 'debian')).toBe('debian');
  expect(familyOf(both, 'rpm')).toBe('rpm');
  expect(familyOf(bundle(`rpm: ${rpm}`), 'debian')).toBe('rpm');
  expect(familyOf(bundle('path: /srv/root'), 'debian')).toBe('debian');
  // Nothing to install from: an error that says so is better than a mmdebstrap that is not there.
  expect(familyOf(bundle(`debian: ${debian}`), 'rpm')).toBe('rpm');
});
