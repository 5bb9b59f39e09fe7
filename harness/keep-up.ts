/**
 * What is done between two migrations so that a run can go on for days: a note that it is alive, and, of a long run,
 * compression of what grows, and less of what is old. Never while a container is frozen.
 */
import { rmSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { frozenWindow } from './analysis/frozen-window.ts';
import type { Clock } from './clock.ts';
import { EnvironmentError } from './errors.ts';
import type { FileTranscript } from './host/transcript.ts';
import type { MigrationObservation, Scenario } from './model.ts';
import type { Probe } from './probe/start.ts';
import { sayAlive } from './store/alive.ts';
import { condense } from './store/condensed.ts';
import { loadFiles } from './store/load.ts';
import { beginAnew, compress, nextPiece, pieceName } from './store/pieces.ts';
import { FILES, type RunStore } from './store/store.ts';

/** A run of more migrations than this, or with `for`, compresses its logs as it goes. */
const LONG_RUN = 200;

/** A file that grows becomes a piece once it is this large: to compress it takes about 30 ms. */
const PIECE_BYTES = 2 * 1024 * 1024;

/** Of migrations that completed, the logs of the newest so many are kept, and what the record needs of the others. */
const KEPT_LOGS = 50;

/** Pieces of the transcript that are kept beside the first and those in which a migration failed. */
const KEPT_PIECES = 8;

export interface KeptUp {
  store: RunStore;
  transcript: Pick<FileTranscript, 'rotate'>;
  clock: Clock;
  scenario: Scenario;
}

/** Returns what is called after each migration. EnvironmentError where the disk has no room for what is compressed. */
export function keepUp({ store, transcript, clock, scenario }: KeptUp) {
  const { directory } = store;
  const counts = { completed: 0, failed: 0 };
  const condenseOld = condenser(directory);
  const transcripts = pieces(store.transcriptFile);
  sayAlive(directory, { atMs: clock.now(), migration: 0, ...counts });
  return async (observation: MigrationObservation, probe: Probe): Promise<void> => {
    const { state } = observation.outcome;
    counts[state]++;
    sayAlive(directory, { atMs: clock.now(), migration: observation.number, ...counts });
    if (!isLong(scenario)) return;
    try {
      // Those of a failure are read by people.
      if (state === 'completed') {
        await compressLogs(store, observation);
        await condenseOld(observation);
      } else transcripts.keepNewest();
      await rotate(store.samplesFile, (to) => probe.rotate(to));
      for (const name of [FILES.migrations, FILES.condensed]) {
        const path = join(directory, name);
        await rotate(path, async (to) => beginAnew(path, to));
      }
      await transcripts.rotate((to) => transcript.rotate(to));
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

/** Of migrations that completed, the oldest is condensed when there are too many. What was captured stays. */
function condenser(directory: string): (completed: MigrationObservation) => Promise<void> {
  const whole: MigrationObservation[] = [];
  return async (completed) => {
    if (completed.captures.every(({ file }) => file === null)) whole.push(completed);
    if (whole.length <= KEPT_LOGS) return;
    const old = whole.shift() as MigrationObservation;
    const files = loadFiles(join(directory, old.files), {
      within: directory,
      preDumps: old.preDumps.length,
    });
    await condense(directory, old, files, { frozenWindow: frozenWindow(old, files) });
  };
}

async function rotate(path: string, begin: (piece: string) => Promise<void>): Promise<void> {
  if (!isFull(path)) return;
  const piece = pieceName(path, nextPiece(path));
  await begin(piece);
  await compress(piece);
}

/** Pieces of which old ones are removed, and the numbers of others stay: nothing reads them one after the other. */
function pieces(path: string) {
  let number = 0;
  let keep = false;
  const old: string[] = [];
  return {
    keepNewest() {
      keep = true;
    },
    async rotate(begin: (piece: string) => Promise<void>): Promise<void> {
      if (!isFull(path)) return;
      number++;
      const piece = pieceName(path, number);
      await begin(piece);
      await compress(piece);
      // The first tells how everything was brought up.
      if (number > 1 && !keep) old.push(`${piece}.gz`);
      keep = false;
      if (old.length > KEPT_PIECES) rmSync(old.shift() as string, { force: true });
    },
  };
}

function isFull(path: string): boolean {
  const { size } = statSync(path, { throwIfNoEntry: false }) ?? { size: 0 };
  return size >= PIECE_BYTES;
}
