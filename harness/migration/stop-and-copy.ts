/**
 * Stop-and-copy: checkpoint on the source into the share, handover, restore on the destination. Both ends are
 * armed before the freeze, so that between checkpoint and restore there is one message.
 */
import { messageOf } from '../errors.ts';
import { type Armed, type ArmedStep, arm } from '../host/armed.ts';
import { CommandError, lastWords } from '../host/host.ts';
import type { CommandSpan, Phase, StepName } from '../model.ts';
import { checkpointArgv } from '../runtime/commands.ts';
import type { TestbedHost } from '../testbed/testbed.ts';
import { withCore } from './core-dump.ts';
import { withCriuFault } from './faults.ts';
import { claimSteps, closeSteps, destinationSteps, releaseSteps } from './handover.ts';
import type { Migration, Moved } from './migrate.ts';
import { sabotaged } from './sabotage.ts';
import { watch } from './watch.ts';

export const ARM_LIMIT_MS = 30_000;

/** What another strategy adds. */
export interface Addition {
  /** Of `runc checkpoint` and `runc restore`. */
  checkpointFlags: readonly string[];
  restoreFlags: readonly string[];
  /** The checkpoint is over when it says that it is ready, and goes on under this name. */
  servesAs: StepName | null;
  /** On the source, between the checkpoint and the handover. */
  afterCheckpoint: readonly ArmedStep[];
  /** On the destination, just before the restore. */
  beforeRestore: readonly ArmedStep[];
  /** When both ends are armed. A CommandError of it ends the migration before the freeze, in the phase `preparing`. */
  preparing: Phase;
  beforeFreeze(): Promise<void>;
  /** When the container runs on the destination; the steps that it took. */
  afterRestore(): Promise<Moved['steps']>;
}

export const NOTHING: Addition = {
  checkpointFlags: [],
  restoreFlags: [],
  servesAs: null,
  afterCheckpoint: [],
  beforeRestore: [],
  preparing: 'arm',
  beforeFreeze: async () => {},
  afterRestore: async () => ({}),
};

/** `images`: directory on the share; null for runc's default. Rejects with a CommandError if arming fails. */
export async function stopAndCopy(
  migration: Migration,
  images: string | null,
  addition = NOTHING,
): Promise<Moved> {
  const { source, destination } = migration;
  await readClocks(source, destination);
  const watching = await watch(migration, images);
  const armed = await armBoth(migration, images, addition).catch(async (error) => {
    await watching.stop();
    throw error;
  });
  let phase = addition.preparing;
  let failed: Moved['failed'] = null;
  let later: Moved['steps'] = {};
  try {
    await addition.beforeFreeze();
    migration.onPhase?.('dump');
    phase = 'dump';
    armed.source.fire();
    if (await armed.source.done) {
      armed.destination.fire();
      migration.onPhase?.('restore');
      watching.sourceIsDone();
      phase = 'restore';
      const { servesAs } = addition;
      if (servesAs !== null) void armed.source.over.then(() => endWithout(armed, servesAs));
      if (await armed.destination.done) {
        migration.onPhase?.(servesAs === null ? 'clean-up' : 'lazy-pages');
        phase = 'lazy-pages';
        later = await addition.afterRestore();
        if (servesAs !== null) await armed.source.over;
      }
    }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    failed = { phase, error: messageOf(error) };
  }
  const seen = await watching.stop();
  await readClocks(source, destination);
  const steps = { ...armed.source.spans(), ...armed.destination.spans(), ...later };
  const output = { source: armed.source.output(), destination: armed.destination.output() };
  armed.source.disarm();
  armed.destination.disarm();
  return {
    steps,
    preDumps: [],
    seen: { ...seen(), clocks: [...source.clock.take(), ...destination.clock.take()] },
    failed:
      failedServer(steps, output, phase) ?? placed(failed, steps, migration) ?? firstFailure(steps, output),
  };
}

/** A restore whose server has failed would wait for ever. */
function endWithout({ source, destination }: { source: Armed; destination: Armed }, server: StepName): void {
  if (source.spans()[server]?.status !== 0) destination.disarm();
}

/** Before and after: what lies between is then placed by both. */
async function readClocks(...hosts: readonly TestbedHost[]): Promise<void> {
  await Promise.all(hosts.map(({ clock }) => clock.read()));
}

async function armBoth(
  migration: Migration,
  images: string | null,
  addition: Addition,
): Promise<{ source: Armed; destination: Armed }> {
  const { source, destination, container, scenario, connections, clock } = migration;
  const { service, handover } = scenario;
  const { extra, timeoutMs } = scenario.migration;
  const limits = { clock, armLimitMs: ARM_LIMIT_MS, limitMs: timeoutMs };
  const request = { container, imagePath: images };
  const flags = [...addition.checkpointFlags, ...connections.checkpointFlags, ...extra.checkpoint];
  const checkpoint = withCore(
    migration,
    withCriuFault(migration, 'dump', checkpointArgv({ ...request, flags })),
  );
  const restoreFlags = [...addition.restoreFlags, ...connections.restoreFlags, ...extra.restore];
  const restored = sabotaged(migration, { ...request, flags: restoreFlags });
  const restore = withCore(migration, withCriuFault(migration, 'restore', restored));
  const { servesAs, afterCheckpoint, beforeRestore } = addition;
  const onSource = await arm(
    source.host,
    container.bundle,
    [
      ...closeSteps(service, handover),
      { name: 'checkpoint', argv: checkpoint, ...(servesAs && { servesAs }) },
      ...afterCheckpoint,
      ...releaseSteps(service, source.interface, handover),
    ],
    { ...limits, hostClock: source.clock, onStep: (name) => tellPhase(migration, name) },
  );
  try {
    const claim = claimSteps(service, destination.interface, handover);
    const moved: ArmedStep[] = [...beforeRestore, { name: 'restore', argv: restore }];
    const onDestination = await arm(
      destination.host,
      container.bundle,
      destinationSteps(moved, claim, service, handover),
      { ...limits, hostClock: destination.clock },
    );
    return { source: onSource, destination: onDestination };
  } catch (error) {
    onSource.disarm();
    throw error;
  }
}

/** Phases that begin with a step of the source, and not with a message to a host. */
function tellPhase({ onPhase }: Migration, step: string): void {
  if (step === 'transfer') onPhase?.('transfer');
  if (step === 'release-address') onPhase?.('handover');
}

interface Output {
  source: string;
  destination: string;
}

const PHASE_OF: Partial<Record<StepName, Phase>> = {
  checkpoint: 'dump',
  transfer: 'transfer',
  'release-address': 'handover',
  'release-hook': 'handover',
  'claim-address': 'handover',
  'claim-hook': 'handover',
  'lazy-pages': 'restore',
  restore: 'restore',
  'page-server': 'lazy-pages',
  'lazy-transfer': 'lazy-pages',
};

/** What the destination waited for in vain, in the phase that it ended. */
function failedServer(steps: Moved['steps'], output: Output, phase: Phase): Moved['failed'] {
  const span = steps['page-server'];
  // Below 0: it went on until it was ended.
  if (span === undefined || span.status <= 0 || phase !== 'restore') return null;
  return { phase, error: toldOf('page-server', span, output.source) };
}

/** A host that was lost, or came to its limit, was so in the phase of the last step that it began. */
function placed(
  failed: Moved['failed'],
  steps: Moved['steps'],
  { source, destination }: Migration,
): Moved['failed'] {
  if (failed === null || !(failed.phase === 'dump' || failed.phase === 'restore')) return failed;
  const { name } = (failed.phase === 'dump' ? source : destination).host;
  const [last] =
    Object.entries(steps).findLast(([step, { host }]) => host === name && step !== 'page-server') ?? [];
  return { ...failed, phase: PHASE_OF[last as StepName] ?? failed.phase };
}

/** The first step that ended with a status other than 0, as a failure with what its command said. */
function firstFailure(steps: Moved['steps'], output: Output): Moved['failed'] {
  // Below 0: it went on until it was ended, as a page server does that the restore has failed to ask.
  const ended = Object.entries(steps).toSorted(([, a], [, b]) => Number(b.status > 0) - Number(a.status > 0));
  for (const [name, span] of ended) {
    const phase = PHASE_OF[name as StepName];
    if (span.status === 0 || phase === undefined) continue;
    const said = span.host === steps.checkpoint?.host ? output.source : output.destination;
    return { phase, error: toldOf(name, span, said) };
  }
  return null;
}

function toldOf(name: string, { host, argv, status }: CommandSpan, said: string): string {
  return `${name} failed on ${host}: exit ${status}: ${argv.join(' ')}\n${lastWords(said)}`;
}
