/** Which versions of a tool the cached toolchains have: for whoever asks for one by its number. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tool } from './parts.ts';
import { readManifest } from './roots/cache.ts';

export interface KnownVersion {
  version: string;
  /** `debian:forky`: what is said to get it. */
  from: string;
}

/** `1.3.7`, `v4.2`: what is written like a version, and not like a path. */
export function isVersion(text: string): boolean {
  return /^v?\d+(\.\d+)*([-+~][\w.+~-]*)?$/.test(text);
}

/** The nearest first. Toolchains that are not in the cache, or not of Debian's, are not known. */
export async function knownVersions(cache: string, tool: Tool, asked: string): Promise<KnownVersion[]> {
  const roots = join(cache, 'roots');
  const names = (await readdir(roots).catch(() => [])).filter((name) => /^toolchain-[^.]*$/.test(name));
  const found = await Promise.all(names.map((name) => versionIn(join(roots, name), tool)));
  const apart = ({ version }: KnownVersion) => difference(numbers(version), numbers(asked));
  return found
    .filter((known) => known !== null)
    .sort((a, b) => compare(apart(a), apart(b)) || a.from.localeCompare(b.from));
}

/** `v1.3.6+ds1` → 1, 3, 6. */
const numbers = (version: string): number[] =>
  (/\d+(?:\.\d+)*/.exec(version)?.[0] ?? '').split('.').map(Number);

/** 1.3.6 and 1.1.15 → 0, 2, 9: the first that differs weighs most. */
function difference(a: readonly number[], b: readonly number[]): number[] {
  const longest = Math.max(a.length, b.length);
  return Array.from({ length: longest }, (_, i) => Math.abs((a[i] ?? 0) - (b[i] ?? 0)));
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((one, i) => one !== (b[i] ?? 0));
  return at < 0 ? 0 : (a[at] as number) - (b[at] ?? 0);
}

async function versionIn(directory: string, tool: Tool): Promise<KnownVersion | null> {
  try {
    const { suite } = (await readManifest(directory)).recipe as { suite?: string };
    const status = await readFile(join(directory, 'root/var/lib/dpkg/status'), 'utf8');
    const [, version] = new RegExp(`^Package: ${tool}\\n(?:.+\\n)*?Version: (.+)$`, 'm').exec(status) ?? [];
    return suite === undefined || version === undefined ? null : { version, from: `debian:${suite}` };
  } catch {
    return null;
  }
}
