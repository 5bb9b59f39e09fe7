/** Where a container runs, and how it comes back to the source when its restore failed. */
import { messageOf } from '../errors.ts';
import { arm } from '../host/armed.ts';
import { CommandError, type Host, lastWords } from '../host/host.ts';
import type { Running } from '../model.ts';
import {
  type ContainerName,
  deleteArgv,
  restoreArgv,
  resumeArgv,
  stateArgv,
  stateDirectory,
} from '../runtime/commands.ts';
import type { TestbedHost } from '../testbed/testbed.ts';
import { addressArgv, callHook, rollBackSteps } from './handover.ts';
import { collectRollBack, imageDirectory, prepareRollBack } from './images.ts';
import type { Migration, Moved } from './migrate.ts';
import { fetchBack } from './transfer.ts';

const LIMIT = { timeoutMs: 30_000, allowFailure: true };

/** Whether the runtime there says that the container is running; null where the host does not answer. */
export async function runsOn(testbedHost: TestbedHost, container: ContainerName): Promise<boolean | null> {
  try {
    return await runsOrResumes(testbedHost, container);
  } catch {
    return null;
  }
}

/** A container that a killed dump left frozen is resumed first. */
async function runsOrResumes({ host }: TestbedHost, container: ContainerName): Promise<boolean> {
  const status = await statusOn(host, container);
  if (status !== 'paused') return status === 'running';
  await host.exec(resumeArgv(container), LIMIT);
  return (await statusOn(host, container)) === 'running';
}

/** Whether it runs on each of them, or is paused there; null where a host does not answer. */
export function runningOn(hosts: readonly TestbedHost[], container: ContainerName): Promise<Running[]> {
  return Promise.all(
    hosts.map(async ({ host }) => {
      try {
        const status = await statusOn(host, container);
        return { host: host.name, running: status === 'running' || status === 'paused' };
      } catch {
        return { host: host.name, running: null };
      }
    }),
  );
}

async function statusOn(host: Host, container: ContainerName): Promise<string | undefined> {
  const { status, stdout } = await host.exec(stateArgv(container), LIMIT);
  return status === 0 ? (JSON.parse(stdout) as { status?: string }).status : undefined;
}

/** Removes what a dead restore left: the runtime's state directory may hold a bind mount of the bundle's root. */
export async function removeRemains({ host }: TestbedHost, container: ContainerName): Promise<void> {
  const script = `
for mount in $(sed -n "s#^[^ ]* [^ ]* [^ ]* [^ ]* \\($1/[^ ]*\\) .*#\\1#p" /proc/self/mountinfo | sort -r); do umount -l "$mount"; done`;
  await host.exec(['/bin/sh', '-c', script, 'sh', stateDirectory(container)], LIMIT);
  await host.exec(deleteArgv(container), LIMIT);
}

export interface RolledBack {
  runs: boolean;
  steps: Moved['steps'];
  /** What did not come back; empty where all did. */
  error: string;
}

/**
 * Nothing of it is left on the destination, and the address is back at the source; it is restored there from the same
 * images, unless it `ran` there: a dump whose page server fails lets it run on. A host that did not tell (null) is asked
 * again, for what runs must never be removed.
 */
export async function rollBack(migration: Migration, ran: boolean | null): Promise<RolledBack> {
  const { source, destination, container, scenario, connections, clock } = migration;
  const { service, handover } = scenario;
  try {
    await removeRemains(destination, container).catch(ignoreDeadHost);
    const release = addressArgv('del', service, destination.interface);
    await destination.host.exec(release, LIMIT).catch(ignoreDeadHost);
    if (handover.hook !== null) await callHook(destination, 'release', service).catch(ignoreDeadHost);
    const runsThere = ran ?? (await runsOrResumes(source, container));
    if (!runsThere) {
      await removeRemains(source, container);
      await fetchBack(migration);
    }
    // It may still have the address: the dump failed, or the handover did.
    await source.host.exec(addressArgv('del', service, source.interface), LIMIT);
    const flags = [...connections.restoreFlags, ...scenario.migration.extra.restore];
    const logPath = await prepareRollBack(migration);
    const restore = restoreArgv({ container, imagePath: imageDirectory(migration), logPath, flags });
    const armed = await arm(
      source.host,
      container.bundle,
      rollBackSteps(
        service,
        source.interface,
        handover,
        runsThere ? [] : [{ name: 'rollback-restore', argv: restore }],
      ),
      { clock, hostClock: source.clock, armLimitMs: LIMIT.timeoutMs, limitMs: scenario.migration.timeoutMs },
    );
    armed.fire();
    const late = await armed.done.then(() => null, lateCommand);
    await source.clock.read();
    const steps = armed.spans();
    const said = late === null ? lastWords(armed.output()) : messageOf(late);
    armed.disarm();
    // It has been restored, or not, whatever becomes of the log.
    await collectRollBack(migration, logPath).catch(ignoreDeadHost);
    const isBack = runsThere || steps['rollback-restore']?.status === 0;
    if (!isBack && late !== null) throw late;
    const runs = (await runsOn(source, container)) === true;
    const name = source.host.name;
    if (!runs) return { runs, steps, error: `roll back to ${name} failed as well: ${said}` };
    const hook = steps['rollback-hook'];
    const hookFailed = hook !== undefined && hook.status !== 0;
    return { runs, steps, error: hookFailed ? `rolled back to ${name}, but its hook failed: ${said}` : '' };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return {
      runs: false,
      steps: {},
      error: `roll back to ${source.host.name} failed as well: ${messageOf(error)}`,
    };
  }
}

function lateCommand(error: unknown): CommandError {
  if (!(error instanceof CommandError)) throw error;
  return error;
}

export function ignoreDeadHost(error: unknown): void {
  if (!(error instanceof CommandError)) throw error;
}
