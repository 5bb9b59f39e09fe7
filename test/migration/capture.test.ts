import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startClock } from '../../harness/clock.ts';
import { beginCaptures } from '../../harness/migration/capture.ts';
import type { Migration } from '../../harness/migration/migrate.ts';
import { type FakeHost, fakeHost } from '../fake-host.ts';

let hosts: FakeHost[] = [];
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'thaw-captures-'));
});
afterEach(() => {
  for (const host of hosts) host.remove();
  hosts = [];
  rmSync(directory, { recursive: true });
});

/** What is told of both hosts' packets, where tcpdump does so at its beginning and its end. */
async function captured(begins: string, ends: string) {
  const stub = `for file; do :; done\ntrap '${ends}; exit 0' INT\n${begins}\nwhile :; do sleep 0.02; done`;
  hosts = ['rhel01', 'rhel02'].map((name) => fakeHost(name, { tcpdump: stub }));
  const [source, destination] = hosts.map((host) => ({
    ...{ host, interface: 'eth0' },
    beside: { host, local: true, pidNamespace: '/proc/self/ns/pid' },
  }));
  const migration = {
    ...{ source, destination, clock: startClock(), filesDirectory: directory, files: 'migrations/0001' },
    scenario: { capture: ['packets'] },
  } as unknown as Migration;
  const captures = await beginCaptures(migration);
  const all = await captures.end({}, false);
  return all.map(({ host, file, packets, why }) => ({ host, file, packets, why }));
}

// A file's header, without a packet.
const HEADER = `printf '\\324\\303\\262\\241%020d' 0 >"$file"`;
const LISTENING = `${HEADER}; echo 'tcpdump: listening on eth0, link-type EN10MB' >&2`;

test('a packet is taken from the kernel as soon as it is there', async () => {
  await captured(LISTENING, ':');
  expect(hosts[0]?.calls()[0]).toContain(' --immediate-mode ');
});

test('packets that the kernel has dropped are told with the file that lacks them', async () => {
  const told = (why: string | null) =>
    ['rhel01', 'rhel02'].map((host) => ({
      ...{ host, file: `migrations/0001/packets-${host}.pcap`, packets: 0, why },
    }));
  expect(await captured(LISTENING, 'echo "3 packets dropped by kernel" >&2')).toEqual(
    told('3 packets came too quickly and are not in it'),
  );
  expect(await captured(LISTENING, 'echo "0 packets dropped by kernel" >&2')).toEqual(told(null));
});

test('a tcpdump that cannot look is told with what it said', async () => {
  const all = await captured("echo 'eth0: No such device exists' >&2; exit 1", ':');
  for (const { file, why } of all)
    expect([file, why]).toEqual([null, 'it ended with 1: eth0: No such device exists']);
});

const pattern = readFileSync('/proc/sys/kernel/core_pattern', 'utf8');
test.skipIf(/^[|/]/.test(pattern)).each([
  ['restore', 'rhel02'],
  ['checkpoint', 'rhel01'],
])('a core dump on the share is that of the host whose %s failed', async (step, crashed) => {
  mkdirSync(join(directory, 'checkpoint'));
  writeFileSync(join(directory, 'checkpoint', 'core'), 'ELF');
  hosts = ['rhel01', 'rhel02'].map((name) => fakeHost(name));
  const [source, destination] = hosts.map((host) => ({ host, interface: 'eth0' }));
  const captures = await beginCaptures({
    ...{ source, destination, clock: startClock(), filesDirectory: directory, files: 'migrations/0001' },
    ...{ container: { runtime: 'runc', id: 'a', bundle: directory }, number: 1 },
    scenario: { capture: ['core'], migration: { imageDirectory: 'default', transfer: 'share' } },
  } as unknown as Migration);
  const failed = { host: crashed, argv: [], exec: at(1), exit: at(2), status: 1 };
  const all = await captures.end({ [step]: failed }, true);
  expect(all.map(({ host, file }) => [host, file])).toEqual(
    ['rhel01', 'rhel02'].map((host) => [host, host === crashed ? `migrations/0001/core-${host}` : null]),
  );
});

const at = (ms: number) => ({ earliest: ms, latest: ms });
