/** The transcript: every command on every host, with its time, exit status and output, one line each. */
import { createWriteStream, type WriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import type { HostName, Instant } from '../model.ts';

export interface TranscriptEntry {
  host: HostName | 'controller' | 'client';
  argv: readonly string[];
  startedMs: Instant;
  endedMs: Instant;
  /** Null where it was killed at its limit. */
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface Transcript {
  record(entry: TranscriptEntry): void;
  close(): Promise<void>;
}

const OUTPUT_LIMIT = 16_384;

/** A transcript whose entries so far can become a file of their own. */
export interface FileTranscript extends Transcript {
  /** Null, or why it is not whole: nothing of a run is given up for it. */
  end(): Promise<string | null>;
  /** They are in the file of that name when it resolves; later ones begin a new file. */
  rotate(to: string): Promise<void>;
}

/** Writes to a file, asynchronously: nothing waits for it between freeze and resume. */
export function fileTranscript(path: string): FileTranscript {
  let failure: Error | null = null;
  const begin = (): WriteStream =>
    createWriteStream(path, { flags: 'a', mode: 0o644 }).on('error', (error) => {
      failure = error;
    });
  let stream = begin();
  const ended = (): Promise<string | null> =>
    new Promise((resolve) => {
      const told = () => resolve(failure && `the transcript is not whole: ${failure.message}`);
      if (failure !== null || stream.closed) told();
      else stream.once('close', told).end();
    });
  return {
    record(entry) {
      if (failure !== null) return;
      stream.write(`${JSON.stringify({ ...entry, stdout: cut(entry.stdout), stderr: cut(entry.stderr) })}\n`);
    },
    async rotate(to) {
      const full = stream;
      // What it has open keeps on being written, whatever its name.
      await rename(path, to);
      stream = begin();
      await new Promise<void>((resolve) => full.end(resolve));
    },
    async close() {
      await ended();
    },
    end: ended,
  };
}

/** Keeps entries until there is a place for them: commands run before the run directory exists. */
export function deferredTranscript(): Transcript & { moveTo(target: Transcript): void } {
  let target: Transcript | null = null;
  const kept: TranscriptEntry[] = [];
  return {
    record(entry) {
      if (target === null) kept.push(entry);
      else target.record(entry);
    },
    moveTo(next) {
      for (const entry of kept.splice(0)) next.record(entry);
      target = next;
    },
    close: async () => target?.close(),
  };
}

function cut(text: string): string {
  return text.length <= OUTPUT_LIMIT
    ? text
    : `${text.slice(0, OUTPUT_LIMIT)}… (${text.length} characters in all)`;
}
