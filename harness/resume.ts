/** A run that was broken off goes on: as a run of its own beside it, which knows its parts. */
import { dirname, join, resolve } from 'node:path';
import { partOf, whatIsLeft } from './analysis/parts.ts';
import { pinned } from './analysis/pinned.ts';
import { UsageError } from './errors.ts';
import type { RunPart } from './model.ts';
import { deriveRecord } from './run.ts';
import type { LoadedScenario } from './scenario/load.ts';
import { readText } from './scenario/text.ts';
import { signOfLife } from './store/alive.ts';
import { isOurs } from './store/origin.ts';
import { FILES } from './store/store.ts';

export interface Resumed {
  loaded: LoadedScenario;
  /** Where its parts lie, so that it lies beside them. */
  reportsDirectory: string;
  continues: RunPart[];
}

/**
 * What is left of a run, with the toolchains that it had. Its record is derived from what is on disk. UsageError where it
 * still goes on, has come to its end, or is no run; or was not begun here, unless `anyones` may go on.
 */
export async function resume(directory: string, { anyones }: { anyones: boolean }): Promise<Resumed> {
  const alive = signOfLife(directory);
  if (alive !== null) {
    throw new UsageError(
      `${directory} still goes on: process ${alive.pid}, migration ${alive.migration} at ${alive.at}`,
      `thaw report ${directory} tells how far it is`,
    );
  }
  const record = await deriveRecord(directory);
  const { head, outcome } = record;
  if (!anyones && !isOurs(directory, head)) {
    throw new UsageError(
      `${directory} was not begun here, or has been changed since`,
      `thaw repro ${directory} tells what it would run, as root; look through it, and then add --yes`,
    );
  }
  if (outcome === 'completed' || outcome === 'skipped') {
    throw new UsageError(`${directory} has come to its end: ${outcome}`, 'run its scenario anew');
  }
  const part = partOf(record);
  const scenario = pinned(record);
  const left = whatIsLeft(scenario.migration, part);
  if (left === null) throw new UsageError(`${directory} has nothing left to do`, 'run its scenario anew');
  const loaded = {
    scenario: { ...scenario, migration: left },
    file: head.scenarioFile,
    text: await readText(join(directory, FILES.scenario)),
  };
  const reportsDirectory = dirname(dirname(resolve(directory)));
  return { loaded, reportsDirectory, continues: [...head.continues, part] };
}
