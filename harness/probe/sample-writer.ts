/** Appends lines to a file in the background: the schedule never waits for the disk. */
import { constants } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { EnvironmentError } from '../errors.ts';

export interface SampleWriter {
  /** Keeps a line for the next write: every 50 ms, or once 64 KiB have come together. */
  write(line: string): void;
  /** All lines so far are in the file, where readers see them. Rejects with the first error that a write met. */
  flush(): Promise<void>;
  /** All lines so far get a file of that name; the next ones begin a new file. */
  rotate(to: string): Promise<void>;
  /** They are on the disk, too. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

const FLUSH_EVERY_MS = 50;
const FLUSH_AT_CHARACTERS = 64 * 1024;

/**
 * EnvironmentError where the file cannot be opened or already holds samples: two streams in one file would be
 * one damaged stream. `onError` is called once, when a write fails (no space, say).
 */
export async function openSampleWriter(
  path: string,
  onError: (error: unknown) => void,
): Promise<SampleWriter> {
  let file = await openEmpty(path);
  let waiting: string[] = [];
  let characters = 0;
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> = Promise.resolve();
  let failure: unknown = null;

  const push = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (waiting.length === 0) return;
    const text = waiting.join('');
    waiting = [];
    characters = 0;
    writing = writing.then(async () => {
      if (failure !== null) return;
      try {
        await file.writeFile(text);
      } catch (error) {
        failure = error;
        onError(error);
      }
    });
  };

  const flush = async (): Promise<void> => {
    push();
    await writing;
    if (failure !== null) throw failure;
  };

  const sync = async (): Promise<void> => {
    await flush();
    await file.sync();
  };

  return {
    write(line) {
      waiting.push(line);
      characters += line.length;
      if (characters >= FLUSH_AT_CHARACTERS) push();
      else timer ??= setTimeout(push, FLUSH_EVERY_MS);
    },
    flush,
    sync,
    async rotate(to) {
      await flush();
      // As one step of the chain: no line is written between the two files.
      writing = writing.then(async () => {
        await file.sync();
        await rename(path, to);
        const full = file;
        file = await openEmpty(path);
        await full.close();
      });
      await writing;
    },
    close: () => sync().finally(() => file.close()),
  };
}

async function openEmpty(path: string): Promise<FileHandle> {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
  const file = await open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o644);
  if ((await file.stat()).size === 0) return file;
  await file.close();
  throw new EnvironmentError(`${path} already holds samples`);
}
