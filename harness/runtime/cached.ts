/** What lies in the cache: root file systems, binaries above them, builds, downloads, mirrors of repositories. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { run } from '../host/local.ts';
import { removeTree } from '../host/remove-tree.ts';
import { isWholeLayer, TOOLS } from './parts.ts';
import { isWhole, readManifest } from './roots/cache.ts';
import { isLocked, lock } from './roots/lock.ts';
import type { BuildManifest } from './sources/build.ts';
import { fileSha256 } from './sources/checksum.ts';

export type CachedKind = 'root' | 'binaries' | 'build' | 'download' | 'repository';

export interface CachedItem {
  kind: CachedKind;
  /** Its directory's or file's name: what `thaw toolchains remove` takes. */
  name: string;
  /** What it is, for people. */
  what: string;
  /** All of it in the cache; the first is the thing itself. */
  paths: string[];
  bytes: number;
  /** ISO 8601. */
  usedAt: string;
  /** Of its content, where a trial is kept by it; null: no toolchain. */
  digest: string | null;
  /** False: what lies there is not what it should be, and will be made anew. */
  whole: boolean;
}

/** Everything, the last used first. What is being made this moment is left out. */
export async function cachedItems(cache: string): Promise<CachedItem[]> {
  const found = await Promise.all(
    Object.entries(FOLDERS).map(([folder, look]) => itemsIn(cache, folder, look)),
  );
  return found.flat().sort((a, b) => (a.usedAt < b.usedAt ? 1 : -1));
}

/** Waits for whoever makes it, so that nothing is removed half way. */
export async function removeCached(
  { paths, what }: CachedItem,
  announce: (line: string) => void,
): Promise<void> {
  const release = await lock(paths[0] as string, what, announce);
  try {
    for (const path of paths) await removeTree(path);
  } finally {
    await release();
  }
}

/** Layers of file systems that are mounted anywhere on this machine now: roots and binaries that a run has. */
export async function mountedLayers(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const tables = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/mountinfo`, 'utf8').catch(() => '')),
  );
  return [
    ...new Set(tables.flatMap((table) => [...table.matchAll(/lowerdir=([^, ]+)/g)].map(([, dirs]) => dirs))),
  ]
    .flatMap((dirs) => (dirs ?? '').split(':'))
    .filter(Boolean);
}

type Look = (
  path: string,
) => Promise<Pick<CachedItem, 'kind' | 'what' | 'whole' | 'digest'> & { used: string }>;

const FOLDERS: Record<string, Look> = {
  async roots(path) {
    const manifest = await readManifest(path).catch(() => null);
    return {
      kind: 'root',
      what: rootWords(basename(path), manifest?.recipe),
      digest: manifest?.digest ?? null,
      whole: await isWhole(path),
      used: join(path, 'manifest.json'),
    };
  },
  async parts(path) {
    const names: string[] = await readdir(join(path, 'usr/local/sbin')).catch(() => []);
    const tools = TOOLS.filter((tool) => names.includes(tool));
    return {
      kind: 'binaries',
      what: `${tools.join(', ')} above a root`,
      digest: basename(path),
      whole: await isWholeLayer(path),
      used: path,
    };
  },
  async builds(path) {
    const used = join(path, 'manifest.json');
    try {
      const { part, repository, described, sha256, suite } = JSON.parse(
        await readFile(used, 'utf8'),
      ) as BuildManifest;
      const whole = (await fileSha256(join(path, part))) === sha256;
      const what = `${part} ${described} of ${repository}, built in debian:${suite}`;
      return { kind: 'build', what, digest: null, whole, used };
    } catch {
      return { kind: 'build', what: 'a build', digest: null, whole: false, used: path };
    }
  },
  async downloads(path) {
    const whole = (await fileSha256(path).catch(() => '')) === basename(path);
    return { kind: 'download', what: 'a binary by its checksum', digest: null, whole, used: path };
  },
  async sources(path) {
    const url = await run(['git', '-C', path, 'config', '--get', 'thaw.url'], { timeoutMs: 5_000 });
    const { status } = await run(['git', '-C', path, 'rev-parse', '--git-dir'], { timeoutMs: 5_000 });
    return {
      kind: 'repository',
      what: `mirror of ${url.stdout.trim() || 'a repository'}`,
      digest: null,
      whole: status === 0,
      used: join(path, 'FETCH_HEAD'),
    };
  },
};

/** What is not a thing of its own: being made, a lock, a log. */
const BESIDE = /\.partial-[0-9a-f]+$|\.lock$|\.log$/;

async function itemsIn(cache: string, folder: string, look: Look): Promise<CachedItem[]> {
  const names = (await readdir(join(cache, folder)).catch(() => [])).filter((name) => !BESIDE.test(name));
  const items = names.map(async (name): Promise<CachedItem[]> => {
    const path = join(cache, folder, name);
    if (await isLocked(path)) return [];
    const { used, ...seen } = await look(path);
    const paths = folder === 'builds' ? [path, `${path}.log`] : [path];
    const { mtime } = await stat(used).catch(() => stat(path));
    return [{ ...seen, name, paths, bytes: await sizeOf(path), usedAt: mtime.toISOString() }];
  });
  return (await Promise.all(items)).flat();
}

async function sizeOf(path: string): Promise<number> {
  const { stdout } = await run(['du', '--summarize', '--block-size=1', '--one-file-system', path], {
    timeoutMs: 60_000,
  });
  return Number.parseInt(stdout, 10) || 0;
}

/** `toolchain debian:forky`, `root of rhel7-httpd (debian:bookworm: apache2)`. */
function rootWords(name: string, recipe: unknown): string {
  const { kind, suite, releasever, packages } = (recipe ?? {}) as Record<string, unknown>;
  const from = kind === 'rpm' ? `release ${releasever}` : `debian:${suite}`;
  if (name.startsWith('toolchain-')) return `toolchain ${from}`;
  const label = name.replace(/-[0-9a-f]{16}$/, '').replaceAll('-', ' ');
  const all = Array.isArray(packages) ? packages.map(String) : [];
  const shown = all.length > 4 ? `${all.slice(0, 4).join(', ')} and ${all.length - 4} more` : all.join(', ');
  return `${label} (${from}: ${shown})`;
}
