/** A calibration: outages of known length, made again and again, and what the probe and the heartbeat say of them. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { calibration, OUTAGE_KINDS } from './analysis/calibration.ts';
import { mulberry32 } from './analysis/statistics.ts';
import { makeOutage } from './calibration/outage.ts';
import { EnvironmentError, InterruptedError, messageOf, ThawError } from './errors.ts';
import type { Calibration, MadeOutage, OutageKind, ProbePlan, RunTail, Sample } from './model.ts';
import { probeOptions } from './perform.ts';
import { readSamples } from './probe/samples.ts';
import { type Probe, startProbe } from './probe/start.ts';
import { onStage, type RunRequest, type Staged } from './run.ts';
import { readHeartbeat } from './runtime/bundle/heartbeat.ts';
import { deleteContainer } from './runtime/container.ts';
import { FILES } from './store/store.ts';
import { hostOf } from './testbed/testbed.ts';

export interface CalibrateRequest extends RunRequest {
  lengthsMs: readonly number[];
  /** Outages of each kind, connection and length. */
  repeats: number;
}

/** Throws a ThawError where it could not be made to its end; what was made is kept in the directory. */
export async function calibrate(
  request: CalibrateRequest,
): Promise<{ calibration: Calibration; directory: string }> {
  const outages: MadeOutage[] = [];
  let failure: unknown = null;
  let heartbeat: RunTail['heartbeat'] = null;
  const store = await onStage(request, async (staged) => {
    const { stage, clock } = staged;
    failure = await makeAll(staged, request, outages).then(
      () => null,
      (error: unknown) => error,
    );
    const hosts = [...stage.testbed.hosts.values()].map(({ host }) => host);
    heartbeat = await readHeartbeat(hosts, clock);
    await Promise.all(hosts.map((host) => deleteContainer(host, stage.container)));
    return tailOf(failure, clock.now(), heartbeat);
  });
  if (failure !== null) throw failure;
  const result = calibration({
    outages,
    samples: {
      'per-request': await all(store.samplesFile),
      kept: await all(join(store.directory, FILES.keptSamples)),
    },
    heartbeat,
    resolutionMs: 1_000 / request.loaded.scenario.probe.ratePerSecond,
  });
  store.saveCalibration(result);
  return { calibration: result, directory: store.directory };
}

const CONNECTIONS: ProbePlan['connection'][] = [{ kind: 'per-request' }, { kind: 'kept', count: 1 }];
const ANSWER_LIMIT_MS = 15_000;
/** Of answers before and after each outage. */
const CALM_MS = 300;

/** One kind of connection after the other; the outages of each in an order drawn by the seed. */
async function makeAll(staged: Staged, request: CalibrateRequest, outages: MadeOutage[]): Promise<void> {
  const { stage, store, clock } = staged;
  for (const connection of CONNECTIONS) {
    const samplesFile =
      connection.kind === 'kept' ? join(store.directory, FILES.keptSamples) : store.samplesFile;
    const probe = await startProbe((argv) => stage.testbed.client.spawn(argv, {}), {
      ...probeOptions(stage, clock, samplesFile),
      connection,
    });
    try {
      probe.start();
      await Promise.race([
        makeWith(staged, request, { probe, connection: connection.kind }, outages),
        probe.failed,
      ]);
    } finally {
      await probe.stop().catch(() => null);
    }
    request.signal.throwIfAborted();
  }
}

async function makeWith(
  { stage, store, clock }: Staged,
  request: CalibrateRequest,
  { probe, connection }: { probe: Probe; connection: MadeOutage['connection'] },
  outages: MadeOutage[],
): Promise<void> {
  const first = stage.scenario.migration.path[0] as string;
  const target = {
    serving: hostOf(stage.testbed, first),
    container: stage.container,
    service: stage.scenario.service,
    clock,
  };
  const answers = async (): Promise<void> => {
    const served = await probe.waitForHost(first, { timeoutMs: ANSWER_LIMIT_MS, afterMs: clock.now() });
    if (served === null)
      throw new EnvironmentError(`no answer of ${first} within ${ANSWER_LIMIT_MS / 1_000} s`);
    await sleep(CALM_MS);
  };
  const turns = turnsOf(request);
  for (const [i, { kind, wantedMs }] of turns.entries()) {
    request.signal.throwIfAborted();
    request.progress.status(`${connection}: outage ${i + 1} of ${turns.length}, ${kind} for ${wantedMs} ms`);
    // Nothing that waited through the outage before may answer in this one.
    await probe.pause();
    await probe.resume();
    await answers();
    const outage = { kind, connection, wantedMs, ...(await makeOutage(target, kind, wantedMs)) };
    store.appendOutage(outage);
    outages.push(outage);
    // The pause that comes next would look like a part of it.
    await answers();
  }
}

function turnsOf({ lengthsMs, repeats, loaded }: CalibrateRequest): { kind: OutageKind; wantedMs: number }[] {
  const random = mulberry32(loaded.scenario.seed);
  const each = OUTAGE_KINDS.flatMap((kind) => lengthsMs.map((wantedMs) => ({ kind, wantedMs })));
  return Array.from({ length: repeats }, () => each)
    .flat()
    .map((turn) => ({ turn, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ turn }) => turn);
}

function tailOf(made: unknown, endedMs: number, heartbeat: RunTail['heartbeat']): RunTail {
  if (made === null) return { state: 'completed', reason: null, endedMs, probe: null, heartbeat };
  if (!(made instanceof ThawError)) throw made;
  const state = made instanceof InterruptedError ? 'interrupted' : 'failed';
  return { state, reason: messageOf(made), endedMs, probe: null, heartbeat };
}

async function all(file: string): Promise<Sample[]> {
  const samples: Sample[] = [];
  for await (const sample of readSamples(file)) samples.push(sample);
  return samples;
}
