/** `thaw toolchains`: what is cached, and how it gets there, is tried and goes away. */
import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import { removeTree } from '../host/remove-tree.ts';
import { deferredTranscript } from '../host/transcript.ts';
import { nearest } from '../nearest.ts';
import { cacheDirectory } from '../paths.ts';
import type { Progress } from '../report/progress.ts';
import { type CachedItem, cachedItems, mountedLayers, removeCached } from '../runtime/cached.ts';
import type { Tool } from '../runtime/parts.ts';
import { binaryOf, toolchainRoot } from '../runtime/toolchain.ts';
import { nameOfAuto } from './toolchains.ts';
import { type ToolchainContext, type Trial, trialsOf, tried } from './trial.ts';

export interface ListedItem extends CachedItem {
  /** What its trials on this kernel said: none for what is no toolchain, or was never tried. */
  trials: Trial[];
}

export interface BuiltToolchain {
  /** As it was asked for. */
  asked: string;
  /** What it came to. */
  name: string;
  /** Where its root file system is; null where only binaries were asked for. */
  root: string | null;
  /** Where binaries of other places lie; null: there are none. */
  binaries: string | null;
}

export interface CheckedToolchain extends Trial {
  name: string;
}

/** What the command line gives, as what building and trying take. */
export function settingOf({
  progress,
  signal,
}: {
  progress: Progress;
  signal: AbortSignal;
}): ToolchainContext {
  const transcript = deferredTranscript();
  return { cache: cacheDirectory(), announce: (line) => progress.line(line), signal, transcript };
}

export async function listToolchains(cache = cacheDirectory()): Promise<ListedItem[]> {
  const items = await cachedItems(cache);
  return Promise.all(
    items.map(async (item) => ({
      ...item,
      trials: item.digest === null ? [] : await trialsOf(cache, item.digest),
    })),
  );
}

/** Brings toolchains into the cache; `criu=FROM` alone brings a binary, without a root to run it in. */
export async function buildToolchain(asked: string, context: ToolchainContext): Promise<BuiltToolchain> {
  const [, tool, from] = /^(runc|crun|criu)=(.+)$/s.exec(asked) ?? [];
  if (tool !== undefined && from !== undefined) {
    const { binary, part } = await binaryOf({ tool: tool as Tool, from }, context);
    const file = join(binary.root, binary.path);
    return { asked, name: `${part.tool}=${part.from}`, root: null, binaries: file };
  }
  const { name, root, over } = await toolchainRoot(await nameOfAuto(asked, context), context);
  return { asked, name, root, binaries: over };
}

/** Tries a toolchain, even where it was tried before. */
export async function checkToolchain(asked: string, context: ToolchainContext): Promise<CheckedToolchain> {
  const root = await toolchainRoot(await nameOfAuto(asked, context), context);
  return { name: root.name, ...(await tried(root, context, { again: true })) };
}

export interface Removal {
  /** Names of items, or `debian:SUITE` for the toolchain's root. */
  names: readonly string[];
  all: boolean;
  /** Whatever was not used for so many days; null: not asked for. */
  unusedDays: number | null;
}

export interface Removed {
  removed: CachedItem[];
  /** A run has them mounted now. */
  inUse: CachedItem[];
}

/** UsageError, and nothing removed, where a name is unknown. */
export async function removeToolchains(
  removal: Removal,
  { announce }: Pick<ToolchainContext, 'announce'>,
  cache = cacheDirectory(),
): Promise<Removed> {
  const wanted = chosen(await cachedItems(cache), removal);
  const mounted = await mountedLayers();
  const removed: Removed = { removed: [], inUse: [] };
  for (const item of wanted) {
    if (mounted.some((layer) => item.paths.some((path) => layer === path || layer.startsWith(`${path}/`)))) {
      removed.inUse.push(item);
      continue;
    }
    await removeCached(item, announce);
    removed.removed.push(item);
  }
  if (removal.all && removed.inUse.length === 0) await removeTree(join(cache, 'trials'));
  return removed;
}

const DAY_MS = 86_400_000;

function chosen(items: readonly CachedItem[], { names, all, unusedDays }: Removal): CachedItem[] {
  if (all) return [...items];
  const before = new Date(Date.now() - (unusedDays ?? 0) * DAY_MS).toISOString();
  const unused = unusedDays === null ? [] : items.filter(({ usedAt }) => usedAt < before);
  const named = names.flatMap((name) => {
    const found = items.filter((item) => item.name === name || item.what === `toolchain ${name}`);
    if (found.length > 0) return found;
    const known = items.flatMap(({ name, what }) => [name, ...what.split(/^toolchain /).slice(1)]);
    throw new UsageError(
      `there is no ${name} in the cache${nearest(name, known)}`,
      'thaw toolchains list shows what there is',
    );
  });
  return [...new Set([...unused, ...named])];
}
