/** Puts the lines of the logs that CRIU wrote in a migration on the common clock. */
import type { CommandSpan, LogLine, MigrationObservation, SizeReading } from '../model.ts';
import { anchor } from './anchor.ts';
import { wallWasSet } from './clocks.ts';
import { byOrder, type Place } from './order.ts';

/** Null where the log is empty, or no checkpoint ran. */
export function dumpPlaces(observation: MigrationObservation, log: readonly LogLine[]): Place | null {
  const { steps, source, clocks, dumpLog } = observation;
  if (steps.checkpoint === undefined) return null;
  // With lazy pages CRIU goes on writing this log after the checkpoint is ready.
  const writer = { exec: steps.checkpoint.exec, exit: (steps['page-server'] ?? steps.checkpoint).exit };
  return places(log, dumpLog, writer, wallWasSet(source, clocks));
}

/** Null where the log is empty, or no restore ran. */
export function restorePlaces(observation: MigrationObservation, log: readonly LogLine[]): Place | null {
  const { steps, destination, clocks, restoreLog } = observation;
  if (steps.restore === undefined) return null;
  return places(log, restoreLog, steps.restore, wallWasSet(destination, clocks));
}

/** Of a log that nobody looked at while `writer` wrote it; `looks`: what is known of that all the same. Null where it is empty. */
export function unwatchedPlaces(
  { clocks }: MigrationObservation,
  log: readonly LogLine[],
  writer: Pick<CommandSpan, 'host' | 'exec' | 'exit'> & { looks?: readonly SizeReading[] | undefined },
): Place | null {
  return places(log, writer.looks ?? [], writer, wallWasSet(writer.host, clocks));
}

/** CRIU's offsets are of the wall clock: where that was set meanwhile, only the order of the lines tells. */
function places(
  log: readonly LogLine[],
  looks: readonly SizeReading[],
  command: Pick<CommandSpan, 'exec' | 'exit'>,
  wallSet: boolean,
): Place | null {
  if (log.length === 0) return null;
  if (wallSet) return byOrder(log, looks, command);
  const at = anchor(log, looks, command);
  return at && ((line) => at(line?.offsetMs ?? 0));
}
