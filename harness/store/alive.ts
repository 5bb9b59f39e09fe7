/** Whether a run goes on: by the note that it leaves after each migration, and by the process that wrote it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { startTicks } from '../host/process-tree.ts';
import type { Instant } from '../model.ts';
import { checked, parseJson } from './checked.ts';
import { replaceFile } from './disk.ts';
import { readPlain } from './plain.ts';
import { FILES } from './store.ts';

/** What a run knows of itself after each migration. */
export interface Progressed {
  atMs: Instant;
  /** The last one that is on disk; 0: none. */
  migration: number;
  completed: number;
  failed: number;
}

const signSchema = z.strictObject({
  pid: z.int(),
  startTicks: z.int().nullable(),
  /** Wall clock. */
  at: z.string(),
  atMs: z.number(),
  migration: z.int(),
  completed: z.int(),
  failed: z.int(),
  rssMiB: z.number(),
  heapMiB: z.number(),
});
export type SignOfLife = z.infer<typeof signSchema>;

const SIGN_AT_MOST = 65_536;
const MIB = 1_048_576;

/** Replaces `heartbeat.json`. */
export function sayAlive(directory: string, progressed: Progressed): void {
  const { rss, heapUsed } = process.memoryUsage();
  const sign: SignOfLife = {
    pid: process.pid,
    startTicks: startTicks(process.pid),
    at: new Date().toISOString(),
    ...progressed,
    rssMiB: Math.round(rss / MIB),
    heapMiB: Math.round(heapUsed / MIB),
  };
  replaceFile(join(directory, FILES.heartbeat), `${JSON.stringify(sign, null, 1)}\n`);
}

/** The last sign of a run whose process is still there, on this machine; null: it has ended, or is another machine's. */
export function signOfLife(directory: string): SignOfLife | null {
  const path = join(directory, FILES.heartbeat);
  const bytes = readPlain(path, SIGN_AT_MOST);
  if (bytes === null || existsSync(join(directory, FILES.tail))) return null;
  const sign = checked(signSchema, parseJson(path, bytes.toString()), path);
  return sign.startTicks !== null && startTicks(sign.pid) === sign.startTicks ? sign : null;
}
