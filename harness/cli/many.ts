/** Whether so much is really meant: a slip in an axis makes days of work. */
import { UsageError } from '../errors.ts';

/** More migrations than this are asked about. */
export const MIGRATIONS_UNASKED = 1_000;

/** UsageError where it is more than that, and nobody has said that it is meant. `told`: `FILE makes …`. */
export function requireMeant(
  migrations: number,
  yes: boolean | undefined,
  { told, look }: { told: string; look: string },
): void {
  if (migrations <= MIGRATIONS_UNASKED || yes) return;
  throw new UsageError(told, `look at it with ${look}, and run it with --yes`);
}
