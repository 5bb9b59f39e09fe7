/** What a container had before a migration, and what it has after it. */
import type { ContainerChange, MigrationFiles, MigrationObservation, OrUnknown } from '../model.ts';
import { unknown } from './intervals.ts';

/** Null where the scenario does not ask. Lines are those of runtime/inspect.ts. */
export function containerChange(
  { outcome }: Pick<MigrationObservation, 'outcome'>,
  { container }: Pick<MigrationFiles, 'container'>,
  asked: boolean,
): OrUnknown<ContainerChange> | null {
  if (!asked) return null;
  if (outcome.state === 'failed') return unknown(`the migration failed at ${outcome.phase}`);
  const { before, after } = container;
  if (before === null || after === null) {
    return unknown(
      `what it had ${before === null ? 'before' : 'after'} was not told: it takes Perl on the host`,
    );
  }
  const [had, has] = [new Set(before), new Set(after)];
  return {
    same: before.filter((line) => has.has(line)).length,
    gone: before.filter((line) => !has.has(line)),
    new: after.filter((line) => !had.has(line)),
  };
}

const ROOT_MOUNT = /^mount \/: (\S+) (\S+)$/;

/**
 * What is known of a root that came back with other mount flags, such as writable where it was read-only; null where it
 * kept them. CRIU before 4.2 restores those of all mounts but the root's (checkpoint-restore/criu#2632, #2637).
 */
export function rootMountChange({ gone, new: come }: Pick<ContainerChange, 'gone' | 'new'>): string | null {
  const of = (lines: readonly string[]): RegExpExecArray | null =>
    lines.map((line) => ROOT_MOUNT.exec(line)).find((found) => found !== null) ?? null;
  const [was, is] = [of(gone), of(come)];
  if (was === null || is === null || was[1] !== is[1]) return null;
  return `the root was mounted ${was[2]} and came back ${is[2]}: CRIU restores its flags since 4.2 (criu#2632)`;
}
