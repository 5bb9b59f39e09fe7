/** The sample stream: one request a line, to disk first, read back with every line checked. */
import { closeSync, fsyncSync, openSync, readSync, write } from 'node:fs';
import { UsageError } from '../errors.ts';
import type { FailureKind, Sample } from '../model.ts';

export interface SampleWriter {
  add(sample: Sample): void;
  /** On disk when it resolves. */
  flush(): Promise<void>;
}

const FLUSH_BYTES = 64 * 1024;

/** Appends to a file without ever blocking the schedule: text is gathered, and written while others wait. */
export function sampleWriter(path: string): SampleWriter {
  const fd = openSync(path, 'a');
  let gathered: string[] = [];
  let bytes = 0;
  let writing: Promise<void> = Promise.resolve();
  const drain = (): Promise<void> => {
    const text = gathered.join('');
    gathered = [];
    bytes = 0;
    if (text !== '') writing = writing.then(() => writeAll(fd, Buffer.from(text)));
    return writing;
  };
  return {
    add(sample) {
      const line = `${JSON.stringify(sample)}\n`;
      gathered.push(line);
      bytes += line.length;
      if (bytes >= FLUSH_BYTES) void drain();
    },
    async flush() {
      await drain();
      fsyncSync(fd);
    },
  };
}

function writeAll(fd: number, buffer: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const step = (offset: number): void =>
      write(fd, buffer, offset, buffer.length - offset, null, (error, written) => {
        if (error) reject(error);
        else if (offset + written < buffer.length) step(offset + written);
        else resolve();
      });
    step(0);
  });
}

const KINDS: ReadonlySet<string> = new Set<FailureKind>([
  'refused',
  'reset',
  'timeout',
  'unreachable',
  'garbled',
  'other',
]);

/** One line → a sample. UsageError that names the place where it is none. */
export function parseSample(line: string, where: string): Sample {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(line);
  } catch {
    throw damaged(where, 'no JSON');
  }
  const wrong = whatIsWrong(value);
  if (wrong !== null) throw damaged(where, wrong);
  return value as unknown as Sample;
}

function whatIsWrong(value: Record<string, unknown> | null): string | null {
  if (typeof value !== 'object' || value === null) return 'no object';
  const numbers = (...names: string[]): string | null =>
    names.find((name) => typeof value[name] !== 'number' || !Number.isFinite(value[name])) ?? null;
  switch (value.state) {
    case 'answered': {
      const missing = numbers('n', 'due', 'sent', 'firstByte', 'end', 'status', 'bytes', 'connection');
      return missing ?? (typeof value.host === 'string' ? null : 'host');
    }
    case 'failed': {
      const missing = numbers('n', 'due', 'sent', 'end');
      if (missing !== null) return missing;
      if (!KINDS.has(String(value.kind)) || typeof value.detail !== 'string') return 'kind or detail';
      return value.connection === null || typeof value.connection === 'number' ? null : 'connection';
    }
    case 'dropped':
      return numbers('n', 'due');
    default:
      return 'state';
  }
}

function damaged(where: string, what: string): UsageError {
  return new UsageError(`${where} is no sample: ${what}`, 'copy the run directory again');
}

/** Complete new lines of a file that is being written, as samples. */
export function tailSamples(path: string): { next(): Sample[]; close(): void } {
  const fd = openSync(path, 'r');
  const chunk = Buffer.alloc(1 << 18);
  let rest = '';
  let line = 0;
  return {
    next() {
      const samples: Sample[] = [];
      for (let read = readSync(fd, chunk); read > 0; read = readSync(fd, chunk)) {
        const parts = (rest + chunk.toString('utf8', 0, read)).split('\n');
        rest = parts.pop() ?? '';
        for (const text of parts) samples.push(parseSample(text, `${path}:${++line}`));
      }
      return samples;
    },
    close: () => closeSync(fd),
  };
}
