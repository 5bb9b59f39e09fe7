/** The migrations of a run, one after the other, under the eyes of the probe. */
import { setTimeout as sleep } from 'node:timers/promises';
import { drawFaults } from './analysis/faults/draw.ts';
import type { Clock } from './clock.ts';
import { EnvironmentError, InterruptedError, messageOf, ThawError } from './errors.ts';
import type { Host } from './host/host.ts';
import { itinerary, type Leg } from './migration/itinerary.ts';
import { type Migration, migrate } from './migration/migrate.ts';
import { servicePort, untilListening } from './migration/ports.ts';
import { runningOn, runsOn } from './migration/rollback.ts';
import type { HostName, Instant, MigrationObservation, Phase, RunTail, SanitizerReport } from './model.ts';
import type { Stage } from './prepare.ts';
import { DEFAULT_MAX_SAMPLES, type ProbeOptions } from './probe/protocol.ts';
import { type Probe, startProbe } from './probe/start.ts';
import type { Progress } from './report/progress.ts';
import { readHeartbeat } from './runtime/bundle/heartbeat.ts';
import { deleteContainer } from './runtime/container.ts';
import { sanitizerReports, sanitizerSummary } from './runtime/sanitizers.ts';
import type { RunStore } from './store/store.ts';
import { hostOf } from './testbed/testbed.ts';

export interface Performance {
  store: RunStore;
  clock: Clock;
  progress: Progress;
  signal: AbortSignal;
  /** Stops at the first migration that fails, with everything in place, until it is interrupted. */
  keep?: boolean | undefined;
  /** How a migration is made; a benchmark compares it with another way. */
  migrate?(migration: Migration): Promise<MigrationObservation>;
  /** Called as each part of a migration begins, before a freeze as well: it must be quick. */
  onPhase?: ((leg: Leg, phase: Phase) => void) | undefined;
  /** Called when a migration is on disk: the line that a person sees. */
  tell(observation: MigrationObservation): Promise<void>;
  /** Called after that, while nothing is frozen. */
  keepUp?(observation: MigrationObservation, probe: Probe): Promise<void>;
}

/** How long the service may take to answer before the first migration, and the survivor after each. */
const ANSWER_LIMIT_MS = 15_000;

/** How long a container may take to listen before it is asked all the same. */
const LISTEN_LIMIT_MS = 10_000;

/** How often it is looked whether the container still runs, before its first answer. */
const LOOK_MS = 1_000;

/** The probe ends by itself after a day, or an hour after a longer run should have ended, whatever becomes of its controller. */
const PROBE_LIMIT_S = 86_400;
const PROBE_OVERTIME_S = 3_600;

/** Never throws for what a run can meet: the tail tells how it ended. */
export async function perform(stage: Stage, performance: Performance): Promise<RunTail> {
  const { clock } = performance;
  let probe: Probe | null = null;
  let ending: Pick<RunTail, 'state' | 'reason'>;
  try {
    if (stage.unable !== null) {
      // Told, and never another strategy in its place.
      ending = { state: 'skipped', reason: stage.unable };
    } else {
      probe = await startProbing(stage, performance);
      ending = await migrateUntilItDies(stage, probe, performance);
    }
  } catch (error) {
    if (!(error instanceof ThawError)) throw error;
    const state = error instanceof InterruptedError ? 'interrupted' : 'failed';
    ending = { state, reason: messageOf(error) };
  }
  if (probe !== null) {
    const limit = stage.scenario.probe.timeoutMs / 1_000;
    performance.progress.status(`waiting for the last requests, ${limit} s at most`);
  }
  const facts = await (probe?.stop() ?? Promise.resolve(null)).catch(() => null);
  const endedMs = clock.now();
  const hosts = [...stage.testbed.hosts.values()].map(({ host }) => host);
  const heartbeat = stage.scenario.bundle.heartbeat ? await readHeartbeat(hosts, clock) : null;
  await Promise.all(hosts.map((host) => deleteContainer(host, stage.container)));
  const sanitizer = await keepSanitizerReports(hosts, performance.store);
  return { ...ending, endedMs, probe: facts, heartbeat, ...(sanitizer.length > 0 && { sanitizer }) };
}

/** After the container is gone: what deletes it may have something to report, too. */
async function keepSanitizerReports(hosts: readonly Host[], store: RunStore): Promise<SanitizerReport[]> {
  const kept: SanitizerReport[] = [];
  for (const host of hosts) {
    for (const { name, text } of await sanitizerReports(host)) {
      const file = store.saveSanitizerReport(host.name, name, text);
      kept.push({ host: host.name, summary: sanitizerSummary(text), file });
    }
  }
  return kept;
}

/** What the probe is told of a scenario. */
export function probeOptions({ scenario, testbed }: Stage, clock: Clock, samplesFile: string): ProbeOptions {
  const { service, probe, migration } = scenario;
  const maxSeconds = Math.max(PROBE_LIMIT_S, (migration.forMs ?? 0) / 1_000 + PROBE_OVERTIME_S);
  return {
    service: service.name,
    port: service.port,
    address: testbed.serviceAddress,
    path: probe.path,
    ratePerSecond: probe.ratePerSecond,
    connection: probe.connection,
    timeoutMs: probe.timeoutMs,
    maxInFlight: probe.maxInFlight,
    originNs: clock.originNs.toString(),
    samplesFile,
    maxSeconds,
    maxSamples: Math.max(DEFAULT_MAX_SAMPLES, Math.ceil(maxSeconds * probe.ratePerSecond)),
  };
}

async function startProbing(stage: Stage, { store, clock, progress }: Performance): Promise<Probe> {
  const { service, probe: plan, migration } = stage.scenario;
  progress.status('starting the probe');
  const options = probeOptions(stage, clock, store.samplesFile);
  const { client, remoteClient } = stage.testbed;
  const probe = await startProbe((argv) => client.spawn(argv, {}), options, remoteClient);
  const first = migration.path[0] as string;
  const waiting = new AbortController();
  const answered = await Promise.race([
    firstAnswer(stage, probe, first, waiting.signal),
    containerEnds(stage, first, waiting.signal),
  ]);
  waiting.abort();
  if (answered !== null) return probe;
  await probe.stop().catch(() => null);
  const url = `http://${service.name}:${service.port}${plan.path}`;
  const alive = await runsOn(hostOf(stage.testbed, first), stage.container);
  throw new EnvironmentError(
    alive === null
      ? `no answer of ${first} at ${url}, and none of its runtime`
      : alive
        ? `no answer of ${first} at ${url} within ${ANSWER_LIMIT_MS / 1000} s: the container runs, but does not serve`
        : `no answer of ${first} at ${url}: the container has ended`,
    `its command is in bundle.args; what was run is in ${store.transcriptFile}`,
  );
}

/**
 * The probe begins when the service listens: whoever asks before that is refused, and no migration has lost it. Where
 * nobody listens in time, the probe tells. Null where nobody answered.
 */
async function firstAnswer(
  { testbed, scenario }: Stage,
  probe: Probe,
  first: HostName,
  signal: AbortSignal,
): ReturnType<Probe['waitForHost']> {
  const { host } = hostOf(testbed, first);
  await untilListening(host, servicePort(scenario.service), { limitMs: LISTEN_LIMIT_MS, signal });
  if (signal.aborted) return null;
  probe.start();
  return probe.waitForHost(first, { timeoutMs: ANSWER_LIMIT_MS });
}

/** Null when the container runs no more: nobody will answer then. Looks now and then, until it is aborted. */
async function containerEnds(stage: Stage, host: HostName, signal: AbortSignal): Promise<null> {
  while (!signal.aborted) {
    await pause(LOOK_MS, signal);
    if (signal.aborted) break;
    const [found] = await runningOn([hostOf(stage.testbed, host)], stage.container);
    if (found?.running === false) break;
  }
  return null;
}

/** Where the probe dies, the migration that goes on is still brought to its end, and recorded. */
async function migrateUntilItDies(
  stage: Stage,
  probe: Probe,
  performance: Performance,
): Promise<Pick<RunTail, 'state' | 'reason'>> {
  const died = new AbortController();
  const signal = AbortSignal.any([performance.signal, died.signal]);
  const migrating = migrateAll(stage, probe, { ...performance, signal });
  try {
    return await Promise.race([migrating, probe.failed]);
  } catch (error) {
    died.abort(error);
    await migrating.catch(() => {});
    throw error;
  }
}

async function migrateAll(
  stage: Stage,
  probe: Probe,
  performance: Performance,
): Promise<Pick<RunTail, 'state' | 'reason'>> {
  const { migration } = stage.scenario;
  const { signal, clock } = performance;
  const journey = itinerary(migration);
  // The time before the first migration is the level that recovery is measured against.
  await pause(migration.pauseMs, signal);
  const endsMs = clock.now() + (migration.forMs ?? Number.POSITIVE_INFINITY);
  for (let leg = journey.next(); leg !== null; leg = journey.next()) {
    signal.throwIfAborted();
    if (clock.now() >= endsMs) break;
    const observation = await migrateOnce(stage, leg, probe, performance);
    const { outcome } = observation;
    const at = outcome.state === 'completed' ? leg.destination : outcome.survivor;
    await performance.tell(observation);
    await performance.keepUp?.(observation, probe);
    if (at === null) {
      return {
        state: 'failed',
        reason: `the container was lost in migration ${leg.number} (${leg.source} → ${leg.destination})`,
      };
    }
    if (outcome.state === 'failed' && migration.onFailure === 'stop') {
      return {
        state: 'failed',
        reason: `migration ${leg.number} failed, and the scenario says to stop then`,
      };
    }
    journey.arrived(at);
  }
  return { state: 'completed', reason: null };
}

/** One migration, and the time after it: until the survivor answers, and then the pause. */
async function migrateOnce(
  stage: Stage,
  leg: Leg,
  probe: Probe,
  performance: Performance,
): Promise<MigrationObservation> {
  const { store, clock, progress, signal, keep = false, migrate: move = migrate } = performance;
  const { scenario, testbed, container, connections } = stage;
  const between = scenario.probe.mode === 'between';
  if (between) await probe.pause();
  const begunMs: Instant = clock.now();
  const observation = await move({
    ...leg,
    source: hostOf(testbed, leg.source),
    destination: hostOf(testbed, leg.destination),
    scenario,
    container,
    connections,
    clock,
    hygiene: stage.hygiene ?? undefined,
    faults: {
      drawn: drawFaults(scenario, leg.number),
      disturb: testbed.disturb,
      killClient: probe.kill,
    },
    hold: keep ? holdUntil(signal, stage, progress) : undefined,
    onPhase: (phase) => performance.onPhase?.(leg, phase),
    ...store.filesOf(leg.number),
  });
  store.appendMigration(observation);
  if (between) probe.resume();
  const { outcome } = observation;
  const survivor = outcome.state === 'completed' ? leg.destination : outcome.survivor;
  // Where the container stayed there is no change of host to wait for.
  if (survivor === leg.destination) {
    await probe.waitForHost(survivor, {
      timeoutMs: ANSWER_LIMIT_MS,
      afterMs: between ? observation.endedMs : begunMs,
    });
  }
  if (survivor !== null) await pause(scenario.migration.pauseMs, signal);
  return observation;
}

/** Tells where everything is, and waits for Ctrl-C. */
function holdUntil(
  signal: AbortSignal,
  { testbed, container, scenario }: Stage,
  progress: Progress,
): Migration['hold'] {
  return async ({ phase, error }) => {
    if (signal.aborted) return;
    const given = scenario.testbed.kind === 'ssh' ? `ssh:${scenario.testbed.inventory}` : testbed.kind;
    const shells = [...testbed.hosts.keys()].map((host) => `  thaw testbed shell ${host} --testbed ${given}`);
    const what = [
      `${phase} failed, and everything is as it was left: ${error.split('\n')[0]}`,
      `container ${container.id}, bundle and images in ${container.bundle}; shells on the hosts:`,
      ...shells,
      'Ctrl-C ends the run',
    ];
    progress.release();
    for (const line of what) progress.line(line);
    progress.status('kept as it is until Ctrl-C');
    await new Promise<void>((resolve) => {
      // A run that waits for nobody but a person must not end by itself.
      const alive = setInterval(() => {}, 60_000);
      const done = (): void => {
        clearInterval(alive);
        resolve();
      };
      signal.addEventListener('abort', done, { once: true });
    });
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // An interruption ends the pause; the loop then sees it.
  await sleep(ms, undefined, { signal }).catch(() => {});
}
