/**
 * Pre-copy: memory is dumped again and again while the container runs, each time what has changed since; then it moves
 * as by stop-and-copy, with little left to dump. Both ends are armed before the first pre-dump, so that nothing comes
 * between the last one and the freeze.
 */
import { type Armed, arm } from '../host/armed.ts';
import { CommandError, lastWords } from '../host/host.ts';
import type { PreDumpPlan } from '../model.ts';
import { preDumpArgv } from '../runtime/commands.ts';
import { hasConverged } from './converge.ts';
import { withCriuFault } from './faults.ts';
import { bytesOfPages, imageDirectory, LAST_PRE_DUMP, nameLastPreDump, preDumpDirectory } from './images.ts';
import type { Migration, Moved } from './migrate.ts';
import { type Addition, ARM_LIMIT_MS, NOTHING, stopAndCopy } from './stop-and-copy.ts';

/** What pre-dumps add to a strategy: they are made before the freeze, and the dump is told of them. */
export type PreDumping = Pick<Addition, 'checkpointFlags' | 'preparing' | 'beforeFreeze'>;

/** As stopAndCopy; a pre-dump that fails ends the migration with the container where it was. */
export function preCopy(migration: Migration, images: string | null, plan: PreDumpPlan): Promise<Moved> {
  return withPreDumps(migration, plan, (added) => stopAndCopy(migration, images, { ...NOTHING, ...added }));
}

/** Moves by a strategy that takes in what pre-dumps add; tells their spans beside its own. */
export async function withPreDumps(
  migration: Migration,
  plan: PreDumpPlan,
  move: (added: PreDumping) => Promise<Moved>,
): Promise<Moved> {
  const made: Armed[] = [];
  try {
    const moved = await move({
      checkpointFlags: ['--parent-path', parentOf(plan), ...dedupFlags(plan)],
      preparing: 'pre-dump',
      beforeFreeze: () => preDumps(migration, plan, made),
    });
    // Only now, when the clock has been read after the freeze: a reading before would have delayed it.
    return { ...moved, preDumps: made.flatMap((armed) => armed.spans()['pre-dump'] ?? []) };
  } finally {
    for (const armed of made) armed.disarm();
  }
}

/** The dump is armed before it is known which pre-dump will be the last: then a link leads to that. */
function parentOf({ preDumps, until }: PreDumpPlan): string {
  return until === null ? preDumpDirectory(preDumps) : LAST_PRE_DUMP;
}

function dedupFlags({ autoDedup }: PreDumpPlan): string[] {
  return autoDedup ? ['--auto-dedup'] : [];
}

/** `made` gets each one that succeeded. */
async function preDumps(migration: Migration, plan: PreDumpPlan, made: Armed[]): Promise<void> {
  const sizes: (number | null)[] = [];
  for (let number = 1; number <= plan.preDumps; number++) {
    // Before it and not after: nothing may come between the last one and the freeze that need not.
    if (plan.until !== null) await nameLastPreDump(migration, number);
    made.push(await preDump(migration, number, plan));
    if (plan.until === null) continue;
    sizes.push(await bytesOfPages(migration, number));
    if (hasConverged(sizes, plan.until)) return;
  }
}

/** What made it, which still tells its span. CommandError where it fails, with what the runtime said. */
async function preDump(migration: Migration, number: number, plan: PreDumpPlan): Promise<Armed> {
  const { source, container, connections, scenario, clock } = migration;
  const { extra, timeoutMs } = scenario.migration;
  const preDumped = preDumpArgv({
    container,
    imagePath: `${imageDirectory(migration)}/${preDumpDirectory(number)}`,
    parent: number === 1 ? null : `../${preDumpDirectory(number - 1)}`,
    flags: [...dedupFlags(plan), ...connections.checkpointFlags, ...extra.checkpoint],
  });
  const argv = number === 1 ? withCriuFault(migration, 'pre-dump', preDumped) : preDumped;
  const limits = { clock, hostClock: source.clock, armLimitMs: ARM_LIMIT_MS, limitMs: timeoutMs };
  const armed = await arm(source.host, container.bundle, [{ name: 'pre-dump', argv }], limits);
  try {
    armed.fire();
    if (number === 1) migration.onPhase?.('pre-dump');
    if (await armed.done) return armed;
    const status = armed.spans()['pre-dump']?.status ?? -1;
    const stderr = lastWords(armed.output());
    throw new CommandError(source.host.name, argv, { status, stdout: '', stderr }, 0);
  } catch (error) {
    armed.disarm();
    throw error;
  }
}
