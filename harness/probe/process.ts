/**
 * The probe's own process, started in the client's place; protocol.ts tells what it reads and says. It never
 * outlives its controller: the end of stdin ends it, and so do its own limits of time and number.
 */
import { lookup } from 'node:dns/promises';
import { createInterface } from 'node:readline';
import { messageOf } from '../errors.ts';
import type { Instant, ProbeFacts } from '../model.ts';
import { openOutlet } from './outlet.ts';
import { becomePrecise, type SchedulingClass } from './priority.ts';
import { openProbing, type Probing } from './probing.ts';
import { type ProbeMessage, type ProbeOptions, parseCommand, parseOptions } from './protocol.ts';
import { openSampleOutlet } from './sample-outlet.ts';
import { openSampleWriter, type SampleWriter } from './sample-writer.ts';
import { realWaiting } from './schedule.ts';
import { warmUp } from './warm-up.ts';
import { startWatchdog, type Watchdog } from './watchdog.ts';

const COUNTS_EVERY_MS = 250;
/** Patience with requests in flight once nobody is there who would read what became of them. */
const ORPHAN_LIMIT_MS = 200;
/** How long after its limit of time a process that does not end is killed. */
const OVERTIME_MS = 10_000;
const CPU_SHARE = 0.7;

interface Stage {
  options: Required<ProbeOptions>;
  address: string;
  schedulingClass: SchedulingClass;
  watchdog: Watchdog;
  writer: SampleWriter;
  probing: Probing;
}

const outlet = openOutlet(process.stdout.fd);
const tell = (message: ProbeMessage): void => outlet.say(JSON.stringify(message));

let stage: Stage | null = null;
let ending = false;
let commands: Promise<void> = Promise.resolve();

// A terminal's Ctrl-C reaches the probe too, and so does what ends a whole job; it is the controller that says when to
// stop, and if that is gone, so is the other end of stdin.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
process.on('SIGHUP', abandon);
process.stdin.on('error', abandon);
createInterface({ input: process.stdin })
  .on('line', (line) => {
    commands = commands.then(() => obey(line)).catch(die);
  })
  .on('close', abandon);

// undici ends every fresh connection with an error of its own, whose stack trace costs more than its request.
Error.stackTraceLimit = 0;

async function obey(line: string): Promise<void> {
  if (stage === null) {
    stage = await begin(parseOptions(line));
    tell({ type: 'ready', resolved: stage.address });
    return;
  }
  const { probing, options } = stage;
  const command = parseCommand(line);
  switch (command?.command) {
    case 'start':
    case 'resume':
      probing.start();
      break;
    case 'pause':
      await probing.pause(drainLimitMs(options));
      tell({ type: 'paused' });
      break;
    case 'rotate':
      await stage.writer.rotate(command.to);
      tell({ type: 'rotated' });
      break;
    case 'watch':
      probing.watch(command);
      break;
    case 'stop':
      await stop(stage);
      break;
    case undefined:
      throw new Error(`not a command of the probe: ${line.slice(0, 100)}`);
  }
}

async function begin(options: Required<ProbeOptions>): Promise<Stage> {
  // Threads for files and names are made here, while they do not inherit a real-time class.
  const address = options.address ?? (await lookup(options.service, { family: 4 })).address;
  const { samplesFile } = options;
  const writer = samplesFile === '-' ? openSampleOutlet(outlet) : await openSampleWriter(samplesFile, die);
  const waiting = realWaiting(clockFrom(BigInt(options.originNs)));
  await warmUp(options, waiting.now);
  // From here on it is watched: what was compiled before is no load on the server.
  const watchdog = startWatchdog({
    cpuShare: CPU_SHARE,
    lookEveryMs: 2_000,
    stuckMs: 10_000,
    lifeMs: options.maxSeconds * 1_000 + OVERTIME_MS,
  });
  const schedulingClass = await becomePrecise(process.pid);
  const full = (why: string): void => die(new Error(`the probe has reached its limit of ${why}`));
  const onFull = (): void => full(`${options.maxSamples} samples`);
  const probing = openProbing({ options, address, waiting, writer, tell, onFull });
  setTimeout(() => full(`${options.maxSeconds} s`), options.maxSeconds * 1_000);
  setInterval(() => {
    watchdog.beat();
    probing.tellCounts();
  }, COUNTS_EVERY_MS);
  return { options, address, schedulingClass, watchdog, writer, probing };
}

/** Instants since the origin; `performance.now()` reads the same clock, and makes no garbage. */
function clockFrom(originNs: bigint): () => Instant {
  let best = { widthNs: Number.POSITIVE_INFINITY, offsetMs: 0 };
  for (let i = 0; i < 50; i++) {
    const before = process.hrtime.bigint();
    const atMs = performance.now();
    const widthNs = Number(process.hrtime.bigint() - before);
    const offsetMs = (Number(before - originNs) + widthNs / 2) / 1e6 - atMs;
    if (widthNs < best.widthNs) best = { widthNs, offsetMs };
  }
  return () => performance.now() + best.offsetMs;
}

async function stop({ probing, options, writer, ...rest }: Stage): Promise<void> {
  ending = true;
  await probing.pause(drainLimitMs(options));
  await writer.close();
  probing.tellCounts();
  tell({ type: 'stopped', facts: factsOf(rest) });
  await outlet.done();
  process.exit(0);
}

function factsOf({
  address,
  schedulingClass,
  watchdog,
}: Pick<Stage, 'address' | 'schedulingClass' | 'watchdog'>): ProbeFacts {
  const { user, system } = process.cpuUsage();
  return {
    resolved: address,
    schedulingClass: watchdog.tamed() ? 'other' : schedulingClass,
    cpuMs: Math.round((user + system) / 1_000),
    maxRssMiB: Math.round(process.resourceUsage().maxRSS / 1_024),
  };
}

/** Every request in flight ends by its own limit before this one. */
function drainLimitMs({ timeoutMs }: ProbeOptions): number {
  return timeoutMs + 1_000;
}

/** Nobody listens any more: saves what there is, and ends, whatever else is going on. */
function abandon(): void {
  if (ending) return;
  ending = true;
  setTimeout(() => process.exit(1), ORPHAN_LIMIT_MS * 10);
  const saved = stage?.probing.pause(ORPHAN_LIMIT_MS) ?? Promise.resolve();
  saved.catch(() => {}).then(() => process.exit(0));
}

/** An error of the run: told, with all samples so far saved where that is possible. */
function die(error: unknown): void {
  tell({ type: 'error', message: messageOf(error) });
  if (ending) return;
  ending = true;
  setTimeout(() => process.exit(2), ORPHAN_LIMIT_MS * 10);
  const saved = stage?.probing.pause(ORPHAN_LIMIT_MS) ?? Promise.resolve();
  saved
    .catch(() => {})
    .then(() => outlet.done())
    .then(() => process.exit(2));
}
