import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EnvironmentError } from '../../harness/errors.ts';
import type { HostProcess } from '../../harness/host/host.ts';
import type { Sample } from '../../harness/model.ts';
import type { ProbeOptions } from '../../harness/probe/protocol.ts';
import { parseSample, tailSamples } from '../../harness/probe/samples.ts';
import { type Probe, type RemotePlace, startProbe } from '../../harness/probe/start.ts';
import { answer, type TestServer, testServer } from './server.ts';

/** Processes that come up with a loader on a busy machine need their time. */
const PATIENCE = { timeout: 60_000 };

let directory: string;
let server: TestServer;
/** What the server does with the next request. */
let act: (socket: Socket, head: string) => void;
let children: HostProcess[];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'thaw-probe-'));
  act = (socket) => socket.write(answer('rhel01\n'));
  server = await testServer((socket, head) => act(socket, head));
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(children.map(({ exited }) => exited));
  await server.close();
  rmSync(directory, { recursive: true });
});

function start(argv: string[]): HostProcess {
  const child = spawn(argv[0] as string, argv.slice(1), { stdio: 'pipe' });
  const started: HostProcess = {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    exited: new Promise((resolve) => child.on('close', (status) => resolve(status ?? 137))),
    kill: (signal) => void child.kill(signal),
  };
  children.push(started);
  return started;
}

const probe = (options: Partial<ProbeOptions> = {}, remote: RemotePlace | null = null): Promise<Probe> =>
  startProbe(start, { ...defaults(), ...options }, remote);

const defaults = (): ProbeOptions => ({
  service: 'localhost',
  port: server.port,
  address: null,
  path: '/',
  ratePerSecond: 100,
  connection: { kind: 'per-request' },
  timeoutMs: 5_000,
  maxInFlight: 500,
  originNs: process.hrtime.bigint().toString(),
  samplesFile: join(directory, 'samples.ndjson'),
  maxSeconds: 120,
});

function samples(): Sample[] {
  const tail = tailSamples(join(directory, 'samples.ndjson'));
  try {
    return tail.next().sort((a, b) => a.n - b.n);
  } finally {
    tail.close();
  }
}

/** Every request of the schedule is there once, each due exactly one period after the one before. */
function expectWholeGrid(list: Sample[], periodMs: number): void {
  expect(list.map(({ n }) => n)).toEqual(list.map((_, i) => i));
  const first = list[0]?.due ?? 0;
  expect(list.map(({ due }, n) => Math.abs(due - first - n * periodMs) < 0.002)).toEqual(
    list.map(() => true),
  );
}

test('every request of the schedule is a sample, and hosts are told as they change', PATIENCE, async () => {
  const running = await probe();
  expect(running.resolved).toBe('127.0.0.1');
  running.start();
  const first = await running.waitForHost('rhel01', { timeoutMs: 30_000 });
  act = (socket) => socket.write(answer('rhel02\n'));
  const second = await running.waitForHost('rhel02', { timeoutMs: 30_000 });
  // The sample that was waited for is in the file by now.
  expect(samples().some((sample) => sample.state === 'answered' && sample.host === 'rhel02')).toBe(true);
  const facts = await running.stop();
  expect(facts).toEqual({
    resolved: '127.0.0.1',
    schedulingClass: expect.stringMatching(/^(fifo|other)$/),
    cpuMs: expect.any(Number),
    maxRssMiB: expect.any(Number),
  });
  const list = samples();
  expectWholeGrid(list, 10);
  expect(list.filter(({ state }) => state !== 'answered')).toEqual([]);
  const hosts = list.map((sample) => (sample.state === 'answered' ? sample.host : ''));
  expect([...new Set(hosts)]).toEqual(['rhel01', 'rhel02']);
  expect(running.counts()).toEqual({ answered: list.length, failed: 0, dropped: 0, host: 'rhel02' });
  expect((second?.at ?? 0) > (first?.at ?? 0)).toBe(true);
});

test(
  "a client on another machine: its samples come by its messages, on that machine's clock",
  PATIENCE,
  async () => {
    const entry = fileURLToPath(new URL('../../harness/probe/process.ts', import.meta.url));
    const origin = process.hrtime.bigint();
    const running = await probe(
      // The controller's own origin is not that machine's.
      { originNs: '0' },
      {
        name: 'rhel03',
        argv: [process.execPath, '--import', import.meta.resolve('tsx'), entry],
        begin: async () => String(origin),
        uncertainty: async () => 0.7,
      },
    );
    running.start();
    const first = await running.waitForHost('rhel01', { timeoutMs: 30_000 });
    expect(samples().some((sample) => sample.state === 'answered')).toBe(true);
    await running.rotate(join(directory, 'part.ndjson'));
    await running.waitForHost('rhel01', { timeoutMs: 30_000, afterMs: (first?.at ?? 0) + 200 });
    await running.pause();
    const paused = samples().length;
    expect((await running.stop()).on).toEqual({ host: 'rhel03', clockMs: 0.7 });
    expect(samples().length).toBe(paused);
    const lines = ['part.ndjson', 'samples.ndjson'].flatMap((name) =>
      readFileSync(join(directory, name), 'utf8').trim().split('\n'),
    );
    const list = lines.map((line) => parseSample(line)).sort((a, b) => a.n - b.n);
    expectWholeGrid(list, 10);
    expect(list[0]?.due).toBeGreaterThan(0);
    expect(list.at(-1)?.due).toBeLessThan(Number(process.hrtime.bigint() - origin) / 1e6);
  },
);

test(
  'waiting for a host ends with an answer after the instant, also of the host that answered before',
  PATIENCE,
  async () => {
    const running = await probe();
    running.start();
    const seen = await running.waitForHost('rhel01', { timeoutMs: 30_000 });
    const afterMs = (seen?.at ?? 0) + 100;
    const again = await running.waitForHost('rhel01', { timeoutMs: 30_000, afterMs });
    expect((again?.at ?? 0) >= afterMs).toBe(true);
    expect(await running.waitForHost('rhel02', { timeoutMs: 50 })).toBe(null);
    // A page of an error is no answer of a host.
    act = (socket) => socket.write(answer('rhel02\n', 503));
    expect(await running.waitForHost('rhel02', { timeoutMs: 200 })).toBe(null);
    await running.stop();
  },
);

test(
  'while the server stalls, requests stay due in time, and their latency counts from then',
  PATIENCE,
  async () => {
    const origin = process.hrtime.bigint();
    const now = (): number => Number(process.hrtime.bigint() - origin) / 1e6;
    const running = await probe({ originNs: origin.toString() });
    running.start();
    await running.waitForHost('rhel01', { timeoutMs: 30_000 });
    const stalled: Socket[] = [];
    act = (socket) => stalled.push(socket);
    const stalledAt = now();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const releasedAt = now();
    act = (socket) => socket.write(answer('rhel02\n'));
    for (const socket of stalled) socket.write(answer('rhel02\n'));
    await running.waitForHost('rhel02', { timeoutMs: 30_000 });
    await running.stop();
    const list = samples();
    expectWholeGrid(list, 10);
    expect(list.filter(({ state }) => state !== 'answered')).toEqual([]);
    const inStall = list.filter(({ due }) => due > stalledAt && due < releasedAt - 20);
    // 28 or so, and not the one that a loop which waits for its answer would have sent.
    expect(inStall.length).toBeGreaterThan(20);
    expect(inStall.every((sample) => sample.state === 'answered' && sample.end >= releasedAt)).toBe(true);
  },
);

test('a pause closes every connection and saves every sample; numbers go on after it', PATIENCE, async () => {
  const running = await probe({ connection: { kind: 'kept', count: 2 } });
  running.start();
  const seen = await running.waitForHost('rhel01', { timeoutMs: 30_000 });
  await running.waitForHost('rhel01', { timeoutMs: 30_000, afterMs: (seen?.at ?? 0) + 50 });
  await running.pause();
  const before = samples();
  expectWholeGrid(before, 10);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(samples()).toEqual(before);
  expect([server.connections(), server.open()]).toEqual([2, 0]);
  await running.resume();
  const end = before.at(-1)?.state === 'answered' ? (before.at(-1)?.due ?? 0) : 0;
  await running.waitForHost('rhel01', { timeoutMs: 30_000, afterMs: end + 200 });
  await running.stop();
  const list = samples();
  expect(list.map(({ n }) => n)).toEqual(list.map((_, n) => n));
  const after = list.slice(before.length);
  expectWholeGrid(
    after.map((sample) => ({ ...sample, n: sample.n - before.length })),
    10,
  );
  // Not due in the pause, and by connections of their own.
  expect((after[0]?.due ?? 0) - end).toBeGreaterThan(100);
  expect(new Set(after.map((sample) => sample.state === 'answered' && sample.connection))).toEqual(
    new Set([3, 4]),
  );
});

test('the end of stdin ends the probe, with what was sent on disk', PATIENCE, async () => {
  const running = await probe();
  running.start();
  await running.waitForHost('rhel01', { timeoutMs: 30_000 });
  act = () => {};
  running.failed.catch(() => {});
  children[0]?.stdin.end();
  expect(await children[0]?.exited).toBe(0);
  expectWholeGrid(samples(), 10);
});

test(
  'what ends a terminal or a whole job leaves the probe to its controller; SIGHUP ends it',
  PATIENCE,
  async () => {
    const running = await probe();
    running.start();
    await running.waitForHost('rhel01', { timeoutMs: 30_000 });
    children[0]?.kill('SIGINT');
    children[0]?.kill('SIGTERM');
    act = (socket) => socket.write(answer('rhel02\n'));
    expect(await running.waitForHost('rhel02', { timeoutMs: 30_000 })).not.toBe(null);
    running.failed.catch(() => {});
    children[0]?.kill('SIGHUP');
    expect(await children[0]?.exited).toBe(0);
  },
);

test('a probe that is killed is an error of every later call', PATIENCE, async () => {
  const running = await probe();
  running.start();
  await running.waitForHost('rhel01', { timeoutMs: 30_000 });
  const waiting = running.waitForHost('rhel02', { timeoutMs: 60_000 });
  children[0]?.kill('SIGKILL');
  const died = new EnvironmentError('the probe died: exit 137');
  await expect(running.failed).rejects.toEqual(died);
  await expect(waiting).rejects.toEqual(died);
  await expect(running.pause()).rejects.toEqual(died);
  await expect(running.resume()).rejects.toEqual(died);
  await expect(running.stop()).rejects.toEqual(died);
  expect(() => running.start()).toThrow(died);
});

test('a probe ends by itself at its limit of samples, and at its limit of time', PATIENCE, async () => {
  const counted = await probe({ maxSamples: 5 });
  counted.start();
  await expect(counted.failed).rejects.toThrow(
    'the probe died: exit 2\n  the probe has reached its limit of 5 samples',
  );
  expectWholeGrid(samples(), 10);
  expect(samples().length).toBe(5);
  const timed = await probe({ maxSeconds: 1, samplesFile: join(directory, 'timed.ndjson') });
  await expect(timed.failed).rejects.toThrow('the probe has reached its limit of 1 s');
});

test('what keeps a probe from starting is told', PATIENCE, async () => {
  await expect(probe({ service: 'no.such.host.invalid' })).rejects.toThrow(
    /^the probe died: exit 2\n {2}getaddrinfo /,
  );
  await expect(probe({ ratePerSecond: 0 })).rejects.toThrow("the probe's option ratePerSecond cannot be 0");
  writeFileSync(join(directory, 'old.ndjson'), 'old\n');
  const samplesFile = join(directory, 'old.ndjson');
  await expect(probe({ samplesFile })).rejects.toThrow(`${samplesFile} already holds samples`);
  expect(readFileSync(samplesFile, 'utf8')).toBe('old\n');
  const silent = startProbe(
    () => start(['/bin/sh', '-c', 'echo no node here >&2; exit 127']),
    {} as ProbeOptions,
  );
  await expect(silent).rejects.toEqual(new EnvironmentError('the probe died: exit 127\n  no node here'));
});

test('a full disk is an error of the run, and told', PATIENCE, async () => {
  const running = await probe({ samplesFile: '/dev/full' });
  running.start();
  await expect(running.failed).rejects.toThrow(/ENOSPC/);
});

test('a service that is not there is a refusal for each request, until it comes', PATIENCE, async () => {
  const reserved = createServer();
  await new Promise<void>((resolve) => reserved.listen(0, '127.0.0.1', resolve));
  const { port } = reserved.address() as { port: number };
  await new Promise((resolve) => reserved.close(resolve));
  const running = await probe({ port });
  running.start();
  while (running.counts().failed === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  const late = await testServer((socket) => socket.write(answer('rhel02\n')), port);
  await running.waitForHost('rhel02', { timeoutMs: 30_000 });
  await running.stop();
  await late.close();
  const list = samples();
  expectWholeGrid(list, 10);
  const kinds = list.map((sample) => (sample.state === 'failed' ? sample.kind : sample.state));
  expect([...new Set(kinds)]).toEqual(['refused', 'answered']);
});

test('the samples so far become a file of their own, and none is lost on the way', async () => {
  const running = await probe({ ratePerSecond: 500 });
  running.start();
  await running.waitForHost('rhel01', { timeoutMs: 5_000 });
  const piece = join(directory, 'samples.0001.ndjson');
  await running.rotate(piece);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await running.stop();
  const tail = tailSamples(piece);
  const before = tail.next();
  tail.close();
  const after = samples();
  expect(before.length).toBeGreaterThan(0);
  expect(after.length).toBeGreaterThan(0);
  expectWholeGrid(
    [...before, ...after].sort((a, b) => a.n - b.n),
    2,
  );
});
