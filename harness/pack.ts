/** One archive of a run for a bug tracker: what it holds without its secrets, and a list of what was redacted. */
import { constants, createReadStream, createWriteStream } from 'node:fs';
import { lstat, mkdir, mkdtemp, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip, gunzipSync } from 'node:zlib';
import { EnvironmentError, messageOf } from './errors.ts';
import { mustRun } from './host/local.ts';
import { openRedactor } from './store/redact.ts';

export interface Packed {
  file: string;
  /** Names in the archive. */
  files: string[];
  /** What was not taken, and why. */
  leftOut: { name: string; why: string }[];
  redacted: { kind: string; values: number; replaced: number; example: string }[];
}

/** The same run gives the same bytes. `directory`: of the run. EnvironmentError where it cannot be written. */
export async function packRun(directory: string, file: string): Promise<Packed> {
  const name = `thaw-${basename(resolve(directory))}`;
  const stage = await mkdtemp(join(tmpdir(), 'thaw-pack-'));
  try {
    const packed = await fill(directory, join(stage, name));
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
const LARGEST = 256 * 1024 * 1024;
/** All of it is in memory at once, so that a value is the same wherever it stands. */
const IN_ALL = 2 * LARGEST;

async function fill(directory: string, stage: string): Promise<Omit<Packed, 'file'>> {
  const leftOut: Packed['leftOut'] = [];
  const taken: { name: string; content: Buffer; text: boolean }[] = [];
  let left = IN_ALL;
  for (const name of await namesIn(directory, '', leftOut)) {
    if (MADE_AGAIN.test(name)) continue;
    if (CAPTURED.test(name)) {
      leftOut.push({ name, why: 'captured bytes, which cannot be redacted' });
      continue;
    }
    // What a long run has compressed goes as it was, for it has to be redacted.
    const packed = name.endsWith('.gz');
    const plain = packed ? name.slice(0, -'.gz'.length) : name;
    const text = TEXTS.test(plain);
    const known = text || (BYTES.test(plain) && !packed);
    const content = known
      ? await read(join(directory, name), packed, Math.min(LARGEST, left))
      : 'no part of a run that is known';
    if (typeof content === 'string') {
      leftOut.push({ name, why: content });
      continue;
    }
    left -= content.length;
    taken.push({ name: plain, content, text });
  }
  const redactor = openRedactor();
  for (const { content, text } of taken) if (text) redactor.look(content.toString());
  for (const { name, content, text } of taken) {
    const path = join(stage, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text ? redactor.redact(content.toString()) : content);
  }
  const redacted = redactor.told();
  await writeFile(join(stage, 'REDACTED.txt'), listOf(redacted, leftOut));
  return { files: [...taken.map(({ name }) => name), 'REDACTED.txt'].sort(), leftOut, redacted };
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

function listOf(redacted: Packed['redacted'], leftOut: Packed['leftOut']): string {
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
    'Images are not in it: they hold the memory of the container, and a run keeps none.',
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
