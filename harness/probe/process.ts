/**
 * The probe's own process, started in the client's place. First line on stdin: the options as JSON. Then commands,
 * one a line: start, pause, resume, stop. It tells its messages on stdout, one JSON object a line. It ends with its
 * controller (end of stdin), and by itself at its limit of time.
 */
import { execFile } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Instant, Sample } from '../model.ts';
import { type HttpClient, httpClient } from './client.ts';
import type { ProbeMessage, ProbeOptions } from './messages.ts';
import { type SampleWriter, sampleWriter } from './samples.ts';
import { runSchedule, type Schedule } from './schedule.ts';

const COUNTS_EVERY_MS = 250;
/** Above this share of a core it gives real-time priority back: the server comes first. */
const CPU_LIMIT = 0.8;
const CPU_WINDOW_MS = 1_000;

interface State {
  options: ProbeOptions;
  client: HttpClient;
  writer: SampleWriter;
  resolved: string;
  schedulingClass: 'fifo' | 'other';
  schedule: Schedule | null;
  sentSoFar: number;
  inFlight: number;
  counts: { answered: number; failed: number; dropped: number };
  host: string | null;
}

let origin = 0n;
const now = (): Instant => Math.round(Number(process.hrtime.bigint() - origin) / 1_000) / 1_000;
const tell = (message: ProbeMessage): void => void process.stdout.write(`${JSON.stringify(message)}\n`);

const input = createInterface({ input: process.stdin });
let state: State | null = null;
let commands: Promise<void> = Promise.resolve();
input.on('line', (line) => {
  commands = commands.then(() => obey(line)).catch(die);
});
input.on('close', () => {
  commands = commands.then(() => stop()).catch(die);
});

async function obey(line: string): Promise<void> {
  if (state === null) {
    state = await begin(JSON.parse(line) as ProbeOptions);
    return;
  }
  switch (line) {
    case 'start':
    case 'resume':
      resume(state);
      return;
    case 'pause':
      await pause(state);
      tell({ type: 'paused' });
      return;
    case 'stop':
      await stop();
  }
}

async function begin(options: ProbeOptions): Promise<State> {
  origin = BigInt(options.originNs);
  const { address } = await lookup(options.service, { family: 4 });
  const schedulingClass = await precise();
  const client = httpClient({ ...options, address, now });
  const writer = sampleWriter(options.samplesFile);
  setInterval(() => report(), COUNTS_EVERY_MS).unref();
  setTimeout(() => void stop(), options.maxSeconds * 1_000).unref();
  cpuBefore = process.cpuUsage();
  measuredAt = performance.now();
  tell({ type: 'ready', resolved: address });
  return {
    options,
    client,
    writer,
    resolved: address,
    schedulingClass,
    schedule: null,
    sentSoFar: 0,
    inFlight: 0,
    counts: { answered: 0, failed: 0, dropped: 0 },
    host: null,
  };
}

/** Timers without slack, and a real-time class where that is allowed; where not, it is so in the record. */
async function precise(): Promise<'fifo' | 'other'> {
  try {
    writeFileSync('/proc/self/timerslack_ns', '1');
  } catch {
    // Only lateness suffers, and that is measured.
  }
  return chrt('--fifo', 10);
}

function chrt(policy: '--fifo' | '--other', priority: number): Promise<'fifo' | 'other'> {
  return new Promise((resolve) => {
    const args = ['--all-tasks', policy, '--pid', String(priority), String(process.pid)];
    execFile('chrt', args, (error) => resolve(error === null && policy === '--fifo' ? 'fifo' : 'other'));
  });
}

function resume(it: State): void {
  if (it.schedule !== null) return;
  it.schedule = runSchedule({
    startMs: now() + 1,
    periodMs: 1_000 / it.options.ratePerSecond,
    first: it.sentSoFar,
    now,
    due: (n, dueMs) => request(it, n, Math.round(dueMs * 1_000) / 1_000),
  });
}

function request(it: State, n: number, due: Instant): void {
  it.sentSoFar = n + 1;
  if (it.inFlight >= it.options.maxInFlight) {
    it.counts.dropped++;
    it.writer.add({ n, due, state: 'dropped' });
    return;
  }
  it.inFlight++;
  it.client.send({ n, due }, (sample) => {
    it.inFlight--;
    note(it, sample);
  });
}

function note(it: State, sample: Sample): void {
  it.writer.add(sample);
  if (sample.state === 'answered') {
    it.counts.answered++;
    if (sample.host !== it.host) {
      it.host = sample.host;
      tell({ type: 'host', host: sample.host, at: sample.end });
    }
  } else it.counts.failed++;
}

/** Sends nothing more, waits for what is under way, and leaves no connection open. */
async function pause(it: State): Promise<void> {
  it.schedule?.stop();
  it.schedule = null;
  while (it.inFlight > 0) await new Promise((resolve) => setTimeout(resolve, 2));
  await it.client.close();
  it.client = httpClient({ ...it.options, address: it.resolved, now });
  it.host = null;
  await it.writer.flush();
}

let stopping: Promise<void> | null = null;
function stop(): Promise<void> {
  stopping ??= (async () => {
    if (state !== null) {
      await pause(state);
      await state.client.close();
      const { user, system } = process.cpuUsage();
      const facts = {
        resolved: state.resolved,
        schedulingClass: state.schedulingClass,
        cpuMs: Math.round((user + system) / 1_000),
        maxRssMiB: Math.round(process.resourceUsage().maxRSS / 1_024),
      };
      tell({ type: 'stopped', facts });
    }
    process.stdout.end(() => process.exit(0));
  })();
  return stopping;
}

let cpuBefore = process.cpuUsage();
let measuredAt = performance.now();
let told = '';
function report(): void {
  if (state === null) return;
  const { counts, host } = state;
  // Written a few times a second, so that what is shown and what is on disk keep together.
  void state.writer.flush().catch(die);
  const text = JSON.stringify(counts);
  if (text !== told) tell({ type: 'counts', ...counts, host, at: now() });
  told = text;
  giveWay(state);
}

/** A client that needs most of a core must not go before the server. */
function giveWay(it: State): void {
  const elapsedMs = performance.now() - measuredAt;
  if (elapsedMs < CPU_WINDOW_MS) return;
  const spent = process.cpuUsage(cpuBefore);
  const share = (spent.user + spent.system) / 1_000 / elapsedMs;
  cpuBefore = process.cpuUsage();
  measuredAt = performance.now();
  if (share <= CPU_LIMIT || it.schedulingClass === 'other') return;
  it.schedulingClass = 'other';
  void chrt('--other', 0);
}

function die(error: unknown): void {
  tell({ type: 'error', message: error instanceof Error ? error.message : String(error) });
  process.stdout.end(() => process.exit(1));
}
