/**
 * What the probe achieves on this machine: how late requests are sent, what that costs, and whether the server
 * answers as quickly at 1,000 requests a second as at 100. Its server needs python3.
 *
 *   npx tsx bench/probe.ts [RUNS] [SECONDS] [per-request | kept]
 *
 * Target: p99 of due to sent at most 0.5 ms at 1,000 requests a second, in the median of five runs.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { HostProcess } from '../harness/host/host.ts';
import { readSamples } from '../harness/probe/samples.ts';
import { startProbe } from '../harness/probe/start.ts';

const TARGET_P99_MS = 0.5;
const RATES = [100, 1_000];

/** Answers at once, in a process of its own. Node's own garbage collection would show in its answers. */
const SERVER = fileURLToPath(new URL('server.py', import.meta.url));

interface Spread {
  median: number;
  p99: number;
  max: number;
}

interface Figures {
  lateness: Spread;
  /** Sent to first byte: the server, as the client sees it. */
  latency: Spread;
  /** Of one core, all threads of the probe, in percent. */
  cpu: number;
  /** Answered, of all that were due. */
  answered: number;
  due: number;
  schedulingClass: string;
}

const [runs = 5, seconds = 5] = process.argv.slice(2).map(Number).filter(Number.isFinite);
const kind = process.argv.includes('kept') ? 'kept' : 'per-request';
const directory = mkdtempSync(join(tmpdir(), 'thaw-bench-probe-'));
const server = spawn('python3', [SERVER], { stdio: ['pipe', 'pipe', 'inherit'] });
try {
  const [line] = (await once(server.stdout, 'data')) as [Buffer];
  const port = Number(line.toString());
  // The first of all runs pays for cold caches, and does not count.
  await measure(port, 1_000, 2);
  const byRate = new Map<number, Figures[]>(RATES.map((rate) => [rate, []]));
  for (let run = 0; run < runs; run++) {
    for (const [rate, figures] of byRate) figures.push(await measure(port, rate, seconds));
  }
  for (const [rate, figures] of byRate) print(rate, figures);
  const p99 = median((byRate.get(1_000) as Figures[]).map(({ lateness }) => lateness.p99));
  console.log(
    `target: p99 of due to sent ≤ ${TARGET_P99_MS} ms at 1,000/s: ${ms(p99)} ${p99 <= TARGET_P99_MS ? 'met' : 'NOT met'}`,
  );
  process.exitCode = p99 <= TARGET_P99_MS ? 0 : 1;
} finally {
  server.kill();
  rmSync(directory, { recursive: true });
}

async function measure(port: number, ratePerSecond: number, durationS: number): Promise<Figures> {
  const samplesFile = join(directory, 'samples.ndjson');
  rmSync(samplesFile, { force: true });
  let child: ChildProcess | null = null;
  const probe = await startProbe(
    (argv) => {
      const started = startHere(argv);
      child = started.child;
      return started.process;
    },
    {
      service: 'localhost',
      port,
      address: null,
      path: '/',
      ratePerSecond,
      connection: kind === 'kept' ? { kind, count: 10 } : { kind },
      timeoutMs: 5_000,
      maxInFlight: 1_000,
      originNs: process.hrtime.bigint().toString(),
      samplesFile,
      maxSeconds: durationS + 60,
    },
  );
  const before = cpuMs(child);
  probe.start();
  await sleep(durationS * 1_000);
  const cpu = (cpuMs(child) - before) / (durationS * 10);
  const { schedulingClass } = await probe.stop();
  const late: number[] = [];
  const latencies: number[] = [];
  let due = 0;
  for await (const sample of readSamples(samplesFile)) {
    due++;
    if (sample.state !== 'dropped') late.push(sample.sent - sample.due);
    if (sample.state === 'answered') latencies.push(sample.firstByte - sample.sent);
  }
  const answered = latencies.length;
  return { lateness: spread(late), latency: spread(latencies), cpu, answered, due, schedulingClass };
}

function startHere(argv: string[]): { child: ChildProcess; process: HostProcess } {
  const child = spawn(argv[0] as string, argv.slice(1), { stdio: 'pipe' });
  const { stdin, stdout, stderr } = child;
  const exited = new Promise<number>((resolve) => child.on('close', (status) => resolve(status ?? 137)));
  return { child, process: { stdin, stdout, stderr, exited, kill: (signal) => void child.kill(signal) } };
}

/** CPU time so far in milliseconds, from fields 14 and 15 of proc(5)'s stat, in ticks of 10 ms. */
function cpuMs(child: ChildProcess | null): number {
  const stat = readFileSync(`/proc/${child?.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function spread(values: number[]): Spread {
  const sorted = values.sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { median: at(0.5), p99: at(0.99), max: at(1) };
}

function median(values: number[]): number {
  return spread([...values]).median;
}

function print(rate: number, figures: Figures[]): void {
  const all = (of: (run: Figures) => number): string => ms(median(figures.map(of)));
  const answered = figures.map((run) => `${run.answered}/${run.due}`).join(' ');
  const cpu = median(figures.map((run) => run.cpu)).toFixed(0);
  console.log(`${rate}/s ${kind}, medians of ${figures.length} runs of ${seconds} s (load ${loadavg()[0]?.toFixed(1)})
  due to sent         median ${all((run) => run.lateness.median)}  p99 ${all((run) => run.lateness.p99)}  max ${all((run) => run.lateness.max)}   p99 of each run: ${figures.map((run) => ms(run.lateness.p99)).join(' ')}
  sent to first byte  median ${all((run) => run.latency.median)}  p99 ${all((run) => run.latency.p99)}  max ${all((run) => run.latency.max)}   p99 of each run: ${figures.map((run) => ms(run.latency.p99)).join(' ')}
  CPU ${cpu} % of a core, class ${figures.map((run) => run.schedulingClass).join(' ')}, answered ${answered}`);
}

function ms(value: number): string {
  return `${value.toFixed(3)} ms`;
}
