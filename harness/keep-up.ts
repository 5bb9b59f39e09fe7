/**
 * What is done between two migrations so that a run can go on for days: a note that it is alive, and, of a long run,
 * compression of what grows. Never while a container is frozen.
 */
import { statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from './clock.ts';
import { EnvironmentError } from './errors.ts';
import type { FileTranscript } from './host/transcript.ts';
import type { MigrationObservation, Scenario } from './model.ts';
import type { Probe } from './probe/start.ts';
import { sayAlive } from './store/alive.ts';
import { compress, nextPiece, pieceName } from './store/pieces.ts';
import type { RunStore } from './store/store.ts';

/** A run of more migrations than this, or with `for`, compresses its logs as it goes. */
const LONG_RUN = 200;

/** A file that grows becomes a piece once it is this large: to compress it takes about 0.1 s. */
const PIECE_BYTES = 8 * 1024 * 1024;

export interface KeptUp {
  store: RunStore;
  transcript: FileTranscript;
  clock: Clock;
  scenario: Scenario;
}

/** Returns what is called after each migration. EnvironmentError where the disk has no room for what is compressed. */
export function keepUp({ store, transcript, clock, scenario }: KeptUp) {
  const { directory } = store;
  const counts = { completed: 0, failed: 0 };
  sayAlive(directory, { atMs: clock.now(), migration: 0, ...counts });
  return async (observation: MigrationObservation, probe: Probe): Promise<void> => {
    counts[observation.outcome.state]++;
    sayAlive(directory, { atMs: clock.now(), migration: observation.number, ...counts });
    if (!isLong(scenario)) return;
    try {
      // Those of a failure are read by people.
      if (observation.outcome.state === 'completed') await compressLogs(store, observation);
      await rotate(store.samplesFile, (to) => probe.rotate(to));
      await rotate(store.transcriptFile, (to) => transcript.rotate(to));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (typeof code !== 'string') throw error;
      throw new EnvironmentError(`${directory} cannot be kept small: ${code}`, 'make room there', error);
    }
  };
}

export function isLong({ migration: { count, forMs } }: Scenario): boolean {
  return forMs !== null || count > LONG_RUN;
}

/** The logs of its pre-dumps lie in directories of their own. */
async function compressLogs(store: RunStore, { number }: MigrationObservation): Promise<void> {
  const { filesDirectory } = store.filesOf(number);
  const names = await readdir(filesDirectory, { recursive: true }).catch(() => []);
  for (const name of names.filter((one) => one.endsWith('.log'))) await compress(join(filesDirectory, name));
}

async function rotate(path: string, begin: (piece: string) => Promise<void>): Promise<void> {
  const { size } = statSync(path, { throwIfNoEntry: false }) ?? { size: 0 };
  if (size < PIECE_BYTES) return;
  const piece = pieceName(path, nextPiece(path));
  await begin(piece);
  await compress(piece);
}
