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
