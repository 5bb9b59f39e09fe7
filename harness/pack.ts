/** One archive of a run for a bug tracker: what it holds without its secrets, and a list of what was redacted. */
import { constants, createReadStream, createWriteStream } from 'node:fs';
import { lstat, mkdir, mkdtemp, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip, gunzipSync } from 'node:zlib';
import { EnvironmentError, messageOf, UsageError } from './errors.ts';
import { mustRun } from './host/local.ts';
import { movedWith, withPositions } from './store/log-positions.ts';
import { openRedactor } from './store/redact.ts';

export interface Packed {
  file: string;
  /** Names in the archive. */
  files: string[];
  /** What was not taken, and why. */
  leftOut: { name: string; why: string }[];
  redacted: { kind: string; values: number; replaced: number; example: string }[];
  /** Names in the archive of what holds the memory of the container as it was. */
  unredacted: string[];
}

export interface PackOptions {
  /** Also the images that the run has kept. */
  images: boolean;
}

/**
 * The same run gives the same bytes. `directory`: of the run. EnvironmentError where it cannot be written; UsageError where
 * images are asked for and the run has kept none.
 */
export async function packRun(directory: string, file: string, { images }: PackOptions): Promise<Packed> {
  const name = `thaw-${basename(resolve(directory))}`;
  const stage = await mkdtemp(join(tmpdir(), 'thaw-pack-'));
  try {
    const packed = await fill(directory, join(stage, name), images);
    await archive(stage, name, resolve(file));
    return { file, ...packed };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new EnvironmentError(`${file} cannot be written: ${messageOf(error)}`);
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

/** Nothing else of a run directory goes anywhere: pages are made again by `thaw report`. */
const TEXTS =
  /^(?:scenario\.yaml|(?:head|tail|record)\.json|(?:migrations|samples|transcript|condensed)(?:\.\d{4,})?\.ndjson|migrations\/\d{4,}\/(?:pre-\d+\/)?(?:[\w-]+\.log|(?:container-(?:before|after)|strace-[\w.-]+)\.txt))$/;
const BYTES = /^migrations\/\d{4,}\/(?:pre-\d+\/)?(?:stats-dump|stats-restore|inventory\.img)(?:\.damaged)?$/;
const MADE_AGAIN = /^(?:report\.html|heartbeat\.json|samples-kept\.ndjson|.*\.svg)$/;
/** What a capture holds cannot be told by patterns: packets, memory. The text of strace is redacted as other text is. */
const CAPTURED = /^migrations\/\d{4,}\/(?:packets-.*\.pcap|perf-.*\.data|core-[^/]*)$/;
/** The memory of the container's processes: taken only where that is asked for. */
const IMAGES = /^migrations\/\d{4,}\/images-[\w.-]+\.tar\.gz$/;
const LARGEST = 256 * 1024 * 1024;
/** All of it is in memory at once, so that a value is the same wherever it stands. */
const IN_ALL = 2 * LARGEST;

async function fill(directory: string, stage: string, images: boolean): Promise<Omit<Packed, 'file'>> {
  const { taken, kept, leftOut } = await contentsOf(directory, images);
  if (images && kept.length === 0) {
    throw new UsageError(
      `${directory} has kept no images`,
      `thaw repro ${directory} --capture images keeps those of migrations that fail`,
    );
  }
  const put = async (name: string, content: string | Buffer): Promise<void> => {
    const path = join(stage, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  };
  const redactor = openRedactor();
  for (const { content, text } of taken) if (text) redactor.look(content.toString());
  const moved = new Map<string, (position: number) => number>();
  for (const { name, content, text } of logsFirst(taken)) {
    if (!text) await put(name, content);
    else {
      const redacted = redactor.redact(content.toString());
      const isOfMigrations = /^migrations(?:\.\d+)?\.ndjson$/.test(name);
      if (name.endsWith('.log')) moved.set(name, movedWith(content, Buffer.from(redacted)));
      await put(name, isOfMigrations ? positionsMoved(redacted, moved) : redacted);
    }
  }
  const unredacted: string[] = [];
  for (const name of kept) {
    const content = await read(join(directory, name), false, LARGEST);
    if (typeof content === 'string') leftOut.push({ name, why: content });
    else {
      unredacted.push(name);
      await put(name, content);
    }
  }
  const told = { leftOut, redacted: redactor.told(), unredacted };
  await put('REDACTED.txt', listOf(told));
  const files = [...taken.map(({ name }) => name), ...unredacted, 'REDACTED.txt'].sort();
  return { files, ...told };
}

/** Observations tell positions in logs. */
function logsFirst<T extends { name: string }>(taken: readonly T[]): T[] {
  const isLog = ({ name }: T): boolean => name.endsWith('.log');
  return [...taken.filter(isLog), ...taken.filter((one) => !isLog(one))];
}

function positionsMoved(text: string, moved: ReadonlyMap<string, (position: number) => number>): string {
  return text
    .split('\n')
    .map((line) => withPositions(line, (log) => moved.get(log)))
    .join('\n');
}

interface Contents {
  taken: { name: string; content: Buffer; text: boolean }[];
  /** Images, which go as they are, where they are asked for. */
  kept: string[];
  leftOut: Packed['leftOut'];
}

async function contentsOf(directory: string, images: boolean): Promise<Contents> {
  const contents: Contents = { taken: [], kept: [], leftOut: [] };
  const { taken, kept, leftOut } = contents;
  let left = IN_ALL;
  for (const name of await namesIn(directory, '', leftOut)) {
    // What a long run has compressed goes as it was, for it has to be redacted.
    const packed = name.endsWith('.gz');
    const plain = packed ? name.slice(0, -'.gz'.length) : name;
    const text = TEXTS.test(plain);
    if (MADE_AGAIN.test(name)) continue;
    if (IMAGES.test(name) && images) kept.push(name);
    else if (!text && !(BYTES.test(plain) && !packed)) leftOut.push({ name, why: whyNot(name) });
    else {
      const content = await read(join(directory, name), packed, Math.min(LARGEST, left));
      if (typeof content === 'string') leftOut.push({ name, why: content });
      else {
        left -= content.length;
        taken.push({ name: plain, content, text });
      }
    }
  }
  return contents;
}

function whyNot(name: string): string {
  if (CAPTURED.test(name)) return 'captured bytes, which cannot be redacted';
  if (IMAGES.test(name)) return 'memory of the container, which cannot be redacted; --images takes it';
  return 'no part of a run that is known';
}

/** Regular files, in order; what is a link or none is told, and never followed. */
async function namesIn(directory: string, below: string, leftOut: Packed['leftOut']): Promise<string[]> {
  const entries = await readdir(join(directory, below), { withFileTypes: true });
  const names: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = join(below, entry.name);
    if (entry.isDirectory()) names.push(...(await namesIn(directory, name, leftOut)));
    else if (entry.isFile()) names.push(name);
    else leftOut.push({ name, why: entry.isSymbolicLink() ? 'a symbolic link' : 'no regular file' });
  }
  return names;
}

/** Its content, or why it is not taken. */
async function read(path: string, packed: boolean, atMost: number): Promise<Buffer | string> {
  const { size } = await lstat(path);
  if (size > atMost) return `${size} bytes, more than ${atMost}`;
  const content = await readAll(path);
  if (!packed) return content;
  try {
    return gunzipSync(content, { maxOutputLength: Math.max(1, atMost) });
  } catch (error) {
    return `it cannot be unpacked: ${messageOf(error)}`;
  }
}

async function readAll(path: string): Promise<Buffer> {
  const handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

function listOf({ redacted, leftOut, unredacted }: Omit<Packed, 'file' | 'files'>): string {
  const lines = [
    'What was redacted, each value by the same placeholder wherever it stands:',
    ...(redacted.length === 0 ? ['  nothing was found'] : []),
    ...redacted.map(
      ({ kind, values, replaced, example }) =>
        `  ${kind}: ${values} values in ${replaced} places, the first as ${example}`,
    ),
    'It is found by patterns: look through the files before they go anywhere.',
    ...(leftOut.length === 0 ? [] : ['What was left out:']),
    ...leftOut.map(({ name, why }) => `  ${JSON.stringify(name)}: ${why}`),
    ...(unredacted.length === 0
      ? ['Images are not in it: they hold the memory of the container.']
      : ['NOT redacted, as asked for: the memory of the container, with every secret that it held:']),
    ...unredacted.map((name) => `  ${JSON.stringify(name)}`),
  ];
  return `${lines.join('\n')}\n`;
}

const LIMIT_MS = 300_000;
// Nothing of who made it, and when.
const SAME = ['--sort=name', '--format=gnu', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
const MODES = ['--mode=u=rwX,go=rX'];

async function archive(stage: string, name: string, file: string): Promise<void> {
  const tar = join(stage, 'archive.tar');
  await mustRun(['tar', ...SAME, ...MODES, '-C', stage, '-cf', tar, '--', name], { timeoutMs: LIMIT_MS });
  const beside = await mkdtemp(`${file}.`);
  try {
    const made = join(beside, 'made');
    await pipeline(createReadStream(tar), createGzip(), createWriteStream(made, { mode: 0o600 }));
    await rename(made, file);
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}
