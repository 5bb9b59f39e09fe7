/**
 * Stop-and-copy: checkpoint on the source into the share, handover, restore on the destination. Both ends are
 * armed before the freeze, so that between checkpoint and restore there is one message.
 */
import { messageOf } from '../errors.ts';
import { type Armed, arm } from '../host/armed.ts';
import { CommandError, lastWords } from '../host/host.ts';
import type { Phase, StepName } from '../model.ts';
import { checkpointArgv, restoreArgv } from '../runtime/runc.ts';
import { claimSteps, destinationSteps, releaseStep } from './handover.ts';
import { logPath } from './images.ts';
import type { Migration, Moved } from './migrate.ts';
import { freezerOf, watch } from './watch.ts';

const ARM_LIMIT_MS = 10_000;

/** `images`: directory on the share; null for runc's default. Rejects with a CommandError if arming fails. */
export async function stopAndCopy(migration: Migration, images: string | null): Promise<Moved> {
  const { source, destination, container, clock } = migration;
  const freezer = await freezerOf(source.host, container.id);
  const armed = await armBoth(migration, images);
  const watching = watch(
    {
      source: source.observe,
      destination: destination.observe,
      freezer,
      dumpLog: logPath(container, images, 'dump.log'),
      restoreLog: logPath(container, images, 'restore.log'),
    },
    clock,
  );
  let phase: Phase = 'dump';
  const steps: Moved['steps'] = {};
  let failed: Moved['failed'] = null;
  try {
    armed.source.fire();
    Object.assign(steps, await armed.source.done);
    if (allSucceeded(steps)) {
      armed.destination.fire();
      watching.turnToRestore();
      phase = 'restore';
      Object.assign(steps, await armed.destination.done);
    }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    failed = { phase, error: messageOf(error) };
  }
  const seen = watching.stop();
  const output = { source: armed.source.output(), destination: armed.destination.output() };
  armed.source.disarm();
  armed.destination.disarm();
  return { steps, seen, failed: failed ?? firstFailure(steps, output) };
}

async function armBoth(
  migration: Migration,
  images: string | null,
): Promise<{ source: Armed; destination: Armed }> {
  const { source, destination, container, scenario, connections, clock } = migration;
  const { extra, timeoutMs } = scenario.migration;
  const limits = { clock, armLimitMs: ARM_LIMIT_MS, limitMs: timeoutMs };
  const request = { id: container.id, imagePath: images };
  const checkpoint = checkpointArgv({
    ...request,
    flags: [...connections.checkpointFlags, ...extra.checkpoint],
  });
  const restore = restoreArgv({ ...request, flags: [...connections.restoreFlags, ...extra.restore] });
  const onSource = await arm(
    source.host,
    container.bundle,
    [{ name: 'checkpoint', argv: checkpoint }, releaseStep(scenario.service, source.interface)],
    limits,
  );
  try {
    const claim = claimSteps(scenario.service, destination.interface, scenario.handover);
    const onDestination = await arm(
      destination.host,
      container.bundle,
      destinationSteps({ name: 'restore', argv: restore }, claim, scenario.handover),
      limits,
    );
    return { source: onSource, destination: onDestination };
  } catch (error) {
    onSource.disarm();
    throw error;
  }
}

function allSucceeded(steps: Moved['steps']): boolean {
  return Object.values(steps).every(({ status }) => status === 0);
}

const PHASE_OF: Partial<Record<StepName, Phase>> = {
  checkpoint: 'dump',
  'release-address': 'handover',
  'claim-address': 'handover',
  restore: 'restore',
};

/** The first step that ended with a status other than 0, as a failure with what its command said. */
function firstFailure(
  steps: Moved['steps'],
  output: { source: string; destination: string },
): Moved['failed'] {
  for (const [name, span] of Object.entries(steps)) {
    const phase = PHASE_OF[name as StepName];
    if (span.status === 0 || phase === undefined) continue;
    const said = phase === 'dump' || name === 'release-address' ? output.source : output.destination;
    return {
      phase,
      error: `${name} failed on ${span.host}: exit ${span.status}: ${span.argv.join(' ')}\n${lastWords(said)}`,
    };
  }
  return null;
}
