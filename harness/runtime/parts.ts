/**
 * Parts of a toolchain that come from elsewhere than its root: `auto+criu=/src/criu/criu/criu+runc=debian:trixie`. Their
 * binaries lie in a layer above the root, in /usr/local/sbin, where a host looks first.
 */
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, chmod, copyFile, mkdir, readdir, readFile, rename, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { UsageError } from '../errors.ts';
import { run } from '../host/local.ts';
import { removeTree } from '../host/remove-tree.ts';
import { isVersion, knownVersions } from './known-versions.ts';

export const TOOLS = ['runc', 'crun', 'criu'] as const;
export type Tool = (typeof TOOLS)[number];

export interface Part {
  tool: Tool;
  /** A source, as `sources/source.ts` reads it: a file, `host`, `debian:SUITE`, an address or a git revision. */
  from: string;
}

/** `debian:forky+criu=/x` → its root `debian:forky` and its parts; the last of two for the same tool counts. */
export function splitToolchain(name: string): { base: string; parts: Part[] } {
  const [base = '', ...rest] = name.split(/\+(?=(?:runc|crun|criu)=)/);
  const parts = new Map<Tool, Part>();
  for (const text of rest) {
    const tool = text.slice(0, text.indexOf('=')) as Tool;
    parts.set(tool, { tool, from: text.slice(tool.length + 1) });
  }
  return { base, parts: [...parts.values()] };
}

/** The parts are put after what `base` has already. */
export function joinToolchain(base: string, parts: readonly Part[]): string {
  return [base, ...parts.map(({ tool, from }) => `${tool}=${from}`)].join('+');
}

/** A binary, and the root file system that it was made for. */
export interface Binary {
  tool: Tool;
  root: string;
  /** In that root. */
  path: string;
  /** Of shared libraries that it was built with, where they are no longer in that root. */
  libraries?: readonly { from: string; at: string }[];
}

/** Where a tool's binary may lie in a root file system. */
const PLACES = ['usr/local/sbin', 'usr/sbin', 'usr/bin', 'usr/local/bin', 'sbin', 'bin'];

/** The binary of a tool in a root. UsageError where it has none. */
export async function binaryIn(root: string, { tool, from }: Part): Promise<Binary> {
  for (const place of PLACES) {
    const path = join('/', place, tool);
    if (await isExecutable(join(root, path))) return { tool, root, path };
  }
  throw new UsageError(`${from} has no ${tool}`, `name a file: --${tool} /PATH/TO/${tool}`);
}

/** The binary that this machine's own path leads to. UsageError where there is none. */
export async function binaryHere({ tool }: Part): Promise<Binary> {
  const { stdout } = await run(['/bin/sh', '-c', 'command -v "$1"', 'sh', tool], { timeoutMs: 5_000 });
  const path = stdout.trim();
  if (path.startsWith('/')) return { tool, root: '/', path };
  throw new UsageError(`this machine has no ${tool}`, `install it, or name a file: --${tool} /PATH`);
}

export interface Layer {
  directory: string;
  /** Of its binaries. */
  digest: string;
}

/** What is said of a file that is none, with the versions that are here where one was asked for by its number. */
async function noBinary(cache: string, tool: Tool, from: string): Promise<UsageError> {
  const asked = basename(from);
  const known = isVersion(asked) ? await knownVersions(cache, tool, asked) : [];
  const [near] = known;
  if (near === undefined)
    return new UsageError(
      `${from} is not an executable file`,
      `${tool} is said as a path, host, debian:SUITE, git:REPOSITORY@REVISION or FILE-OR-URL#sha256=HEX; \`thaw toolchains list\` tells the versions that are here`,
    );
  const told = known.map(({ version, from }) => `${version} (${from})`).join(', ');
  return new UsageError(
    `no file ${asked} here; ${tool} by version is ${told}`,
    `the nearest is --${tool} ${near.from}; any other is built by --${tool} git:REPOSITORY@REVISION`,
  );
}

/**
 * Copies the binaries, and shared libraries of theirs that the root `below` lacks, into a layer of the cache that is
 * named by its content: what is rebuilt meanwhile is not mixed in.
 */
export async function layerOf(cache: string, below: string, binaries: readonly Binary[]): Promise<Layer> {
  const files: { from: string; at: string }[] = [];
  for (const binary of binaries) {
    const from = join(binary.root, binary.path);
    if (!(await isExecutable(from))) throw await noBinary(cache, binary.tool, from);
    files.push({ from, at: join('usr/local/sbin', binary.tool) });
    for (const library of await librariesOf(binary)) {
      if (!(await isFile(join(below, library.at)))) files.push(library);
    }
  }
  const digest = await layerDigest(files);
  const directory = join(cache, 'parts', digest);
  if (await isWholeLayer(directory)) {
    const now = new Date();
    // When it was used last.
    await utimes(directory, now, now);
    return { directory, digest };
  }
  const partial = `${directory}.partial-${randomBytes(4).toString('hex')}`;
  for (const { from, at } of files) {
    const to = join(partial, at);
    await mkdir(dirname(to), { recursive: true });
    await copyFile(from, to);
    await chmod(to, 0o755);
  }
  // Another run may have made the same meanwhile; one that was damaged is no longer used.
  if (!(await isWholeLayer(directory))) await removeTree(directory);
  await rename(partial, directory).catch(() => removeTree(partial));
  return { directory, digest };
}

/** Whether the layer holds what its name says. */
export async function isWholeLayer(directory: string): Promise<boolean> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((from) => ({ from, at: relative(directory, from) }));
  return files.length > 0 && (await layerDigest(files)) === basename(directory);
}

async function layerDigest(files: readonly { from: string; at: string }[]): Promise<string> {
  const hash = createHash('sha256');
  const sorted = files.map(({ from, at }) => ({ from, at: relative('/', join('/', at)) }));
  for (const { from, at } of sorted.sort((a, b) => (a.at < b.at ? -1 : 1)))
    hash.update(`${at}\0`).update(await readFile(from));
  return hash.digest('hex').slice(0, 16);
}

const HOUR_MS = 3_600_000;

/**
 * Layers and downloads that were never finished. None takes a minute without a byte, so what is an hour old is nobody's.
 * Removed by `thaw clean`.
 */
export async function abandonedLayers(cache: string): Promise<string[]> {
  const abandoned: string[] = [];
  for (const folder of ['parts', 'downloads']) {
    const names = await readdir(join(cache, folder)).catch(() => []);
    for (const name of names.filter((n) => n.includes('.partial-'))) {
      const path = join(cache, folder, name);
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
      if (Date.now() - mtimeMs > HOUR_MS) abandoned.push(path);
    }
  }
  return abandoned;
}

/** The shared libraries that the loader of its own root finds for it; none where it needs none. */
async function librariesOf({
  root,
  path,
  libraries,
}: Binary): Promise<readonly { from: string; at: string }[]> {
  if (libraries !== undefined) return libraries;
  const { stdout } = await run(['chroot', root, 'ldd', path], { timeoutMs: 10_000 });
  return librariesIn(stdout).map((at) => ({ from: join(root, at), at }));
}

/** Where `ldd` says that libraries lie. */
export function librariesIn(ldd: string): string[] {
  // Links to directories (`/lib` → `usr/lib`) would be replaced by the layer's own directories.
  return [...ldd.matchAll(/ => (\/\S+) \(0x/g)].map(([, library = '']) =>
    library.replace(/^\/lib/, '/usr/lib'),
  );
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() ?? false;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return await isFile(path);
  } catch {
    return false;
  }
}
