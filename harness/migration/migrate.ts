/**
 * One migration, read top to bottom: prepare both ends, move the container by the scenario's strategy, see
 * where it runs now, bring it back where it was lost on the way, and leave both hosts clean.
 */
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { CommandError } from '../host/host.ts';
import type {
  CommandSpan,
  HostName,
  MigrationObservation,
  Phase,
  Running,
  Scenario,
  StepName,
} from '../model.ts';
import type { ContainerName } from '../runtime/commands.ts';
import { inspectContainer } from '../runtime/inspect.ts';
import { guard, guardsOf, unguard } from '../testbed/guards.ts';
import type { TestbedHost } from '../testbed/testbed.ts';
import { beginCaptures } from './capture.ts';
import type { Connections } from './connections.ts';
import { clearDropRules } from './drop-rules.ts';
import { armFaults, type FaultTools } from './faults.ts';
import { hybrid } from './hybrid.ts';
import type { Hygiene } from './hygiene.ts';
import { collectFiles, prepareImages } from './images.ts';
import { withRetries } from './in-flight.ts';
import { keepFile } from './keep-file.ts';
import { postCopy } from './post-copy.ts';
import { preCopy } from './pre-copy.ts';
import { ignoreDeadHost, removeRemains, rollBack, runningOn, runsOn } from './rollback.ts';
import { sabotageRestored } from './sabotage.ts';
import { stopAndCopy } from './stop-and-copy.ts';
import { withTransfer } from './transfer.ts';

export interface Migration {
  number: number;
  warmUp: boolean;
  source: TestbedHost;
  destination: TestbedHost;
  scenario: Scenario;
  container: Container;
  connections: Connections;
  clock: Clock;
  hygiene?: Hygiene | undefined;
  /** What breaks on purpose. */
  faults?: FaultTools | undefined;
  /** Called when it has failed, before anything is mended: what the failure left is in place until it resolves. */
  hold?: ((failure: NonNullable<Moved['failed']>) => Promise<void>) | undefined;
  /** Told as each phase begins, just before the dump, and within the freeze: it must be quick. */
  onPhase?: ((phase: Phase) => void) | undefined;
  /** Directory on the controller that gets the logs, stats and inventory. */
  filesDirectory: string;
  /** The same, relative to the run directory. */
  files: string;
}

export interface Container extends ContainerName {
  /** Bundle directory, as every host sees it on the share. */
  bundle: string;
}

/** What a strategy observed. `failed` names the phase in which it ended. */
export interface Moved {
  steps: Partial<Record<StepName, CommandSpan>>;
  preDumps: CommandSpan[];
  seen: Pick<MigrationObservation, 'dumpLog' | 'restoreLog' | 'freezer' | 'clocks'>;
  failed: { phase: Phase; error: string } | null;
}

/** Never throws for what a migration can meet: a failed migration is a result. */
export async function migrate(migration: Migration): Promise<MigrationObservation> {
  const { source, destination, clock } = migration;
  const begunMs = clock.now();
  const nothingSeen = { dumpLog: [], restoreLog: [], freezer: [], clocks: [] };
  let moved: Moved;
  let retries = 0;
  const faults = await armFaults(migration);
  const captures = await beginCaptures(migration);
  const onPhase = (phase: Phase): void => {
    migration.onPhase?.(phase);
    faults.begin(phase);
  };
  onPhase('arm');
  try {
    const images = await prepareImages(migration);
    await noteContainer(migration, source, 'before');
    const told = { ...migration, onPhase };
    moved = await guarded(migration, () =>
      withRetries(
        told,
        () => move(told, images),
        () => {
          retries++;
        },
      ),
    );
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    moved = { steps: {}, preDumps: [], seen: nothingSeen, failed: { phase: 'arm', error: messageOf(error) } };
  }
  if (moved.failed !== null) await migration.hold?.(moved.failed);
  const after = await aftermath(migration, moved);
  onPhase('clean-up');
  if (after.outcome.state === 'completed') {
    await sabotageRestored(migration);
    await noteContainer(migration, destination, 'after').catch(ignoreDeadHost);
  }
  const broken = await faults.end();
  const running = await runningOn([source, destination], migration.container);
  await endOthers(migration, after.outcome, running);
  const captured = await captures.end({ ...moved.steps, ...after.steps }, after.outcome.state === 'failed');
  const [files, dropRules] = await Promise.all([
    collectFiles(migration),
    clearDropRules([source, destination]),
  ]);
  const at = whereOf(migration, after.outcome);
  const hygiene = (await migration.hygiene?.after([source, destination], at)) ?? [];
  return {
    number: migration.number,
    warmUp: migration.warmUp,
    source: source.host.name,
    destination: destination.host.name,
    begunMs,
    endedMs: clock.now(),
    outcome: toldOfRoom(after.outcome, files.full),
    steps: { ...moved.steps, ...after.steps },
    ...moved.seen,
    files: migration.files,
    preDumps: moved.preDumps.map((span, i) => ({ span, pageImageBytes: files.preDumpBytes[i] ?? null })),
    imageBytes: files.imageBytes,
    pageImageBytes: files.pageImageBytes,
    dropRules,
    running,
    hygiene,
    retries,
    faults: broken,
    captures: captured,
  };
}

/** The host that the container runs on after it; null: none. */
function whereOf(
  { destination }: Pick<Migration, 'destination'>,
  outcome: MigrationObservation['outcome'],
): HostName | null {
  return outcome.state === 'completed' ? destination.host.name : outcome.survivor;
}

/** A log on a full share may end before it says so itself. */
export function toldOfRoom(outcome: MigrationObservation['outcome'], full: string | null): typeof outcome {
  if (outcome.state === 'completed' || full === null) return outcome;
  return { ...outcome, error: `${outcome.error}\n${full}: No space left on device` };
}

/** Outside of the freeze: what the container has, as a file of the migration. */
async function noteContainer(
  { scenario, container, filesDirectory }: Migration,
  { host }: TestbedHost,
  when: 'before' | 'after',
): Promise<void> {
  if (!scenario.checks.sameContainer) return;
  const lines = await inspectContainer(host, container);
  if (lines === null) return;
  keepFile(filesDirectory, `container-${when}.txt`, `${lines.join('\n')}\n`);
}

/** There is never more than one: what else runs is told in the observation, and ended. */
async function endOthers(
  { source, destination, container }: Migration,
  outcome: MigrationObservation['outcome'],
  running: readonly Running[],
): Promise<void> {
  const at = whereOf({ destination }, outcome);
  for (const testbedHost of [source, destination]) {
    const { name } = testbedHost.host;
    const runs = running.some((one) => one.host === name && one.running === true);
    if (runs && name !== at) await removeRemains(testbedHost, container).catch(ignoreDeadHost);
  }
}

async function guarded<T>(
  { connections, source, destination, scenario }: Migration,
  action: () => Promise<T>,
): Promise<T> {
  const rules = guardsOf(scenario, connections);
  await guard(destination.host, rules);
  try {
    return await action();
  } finally {
    await Promise.all([source, destination].map(({ host }) => unguard(host, rules)));
  }
}

/** One switch decides the strategy. */
function move(migration: Migration, images: string | null): Promise<Moved> {
  const { strategy } = migration.scenario.migration;
  switch (strategy.kind) {
    case 'stop-and-copy':
      return migration.scenario.migration.transfer === 'share'
        ? stopAndCopy(migration, images)
        : withTransfer(migration, (added) => stopAndCopy(migration, images, added));
    case 'pre-copy':
      return preCopy(migration, images, strategy);
    case 'post-copy':
      return postCopy(migration);
    case 'hybrid':
      return hybrid(migration, strategy);
  }
}

interface Aftermath {
  outcome: MigrationObservation['outcome'];
  steps: Moved['steps'];
}

/** Where the container runs after all, brought back to the source where it ran nowhere and may. */
export async function aftermath(migration: Migration, moved: Moved): Promise<Aftermath> {
  const { source, destination, container } = migration;
  if (moved.failed === null) {
    if (await runsOn(destination, container)) return { outcome: { state: 'completed' }, steps: {} };
    const error = `${container.runtime} restore succeeded on ${destination.host.name}, but the container does not run there`;
    return rescue(migration, { phase: 'restore', error }, false);
  }
  if (moved.failed.phase === 'lazy-pages') {
    // It has run on the destination since: what the source still holds is the past, and must never run again.
    await removeRemains(source, container).catch(ignoreDeadHost);
    const survivor = (await runsOn(destination, container)) ? destination.host.name : null;
    return { outcome: failed(moved.failed, survivor, false), steps: {} };
  }
  const runsThere = await runsOn(source, container);
  if (runsThere && moved.steps['release-address'] === undefined) {
    return { outcome: failed(moved.failed, source.host.name, false), steps: {} };
  }
  return rescue(migration, moved.failed, runsThere);
}

/** The source gets its address back, and the container from the images where it `ran` no more; null: it did not tell. */
async function rescue(
  migration: Migration,
  failure: { phase: Phase; error: string },
  ran: boolean | null,
): Promise<Aftermath> {
  const { runs, error: ours, steps } = await rollBack(migration, ran);
  const survivor = runs ? migration.source.host.name : null;
  const error = ours === '' ? failure.error : `${failure.error}\n${ours}`;
  return {
    outcome: failed({ ...failure, error }, survivor, runs && steps['rollback-restore'] !== undefined),
    steps,
  };
}

function failed(
  failure: { phase: Phase; error: string },
  survivor: HostName | null,
  rolledBack: boolean,
): MigrationObservation['outcome'] {
  return {
    state: 'failed',
    phase: failure.phase,
    survivor,
    rolledBack,
    error: failure.error.slice(0, 4_000),
  };
}
