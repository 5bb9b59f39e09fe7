/** The toolchain of a host: runc (or crun) and CRIU, in a root file system of their own or this machine's. */
import { stat } from 'node:fs/promises';
import { EnvironmentError, UsageError } from '../errors.ts';
import { run } from '../host/local.ts';
import type { ToolchainName } from '../model.ts';
import { nearest } from '../nearest.ts';
import {
  type Binary,
  binaryHere,
  binaryIn,
  joinToolchain,
  layerOf,
  type Part,
  splitToolchain,
} from './parts.ts';
import { rootFor } from './roots/build.ts';
import { SUITES } from './roots/debian-source.ts';
import { buildRevision } from './sources/build.ts';
import { checkedFile, downloaded } from './sources/download.ts';
import { parseSource, sourceText } from './sources/source.ts';

export interface ToolchainRoot {
  /** Never `auto`: what it came to. */
  name: ToolchainName;
  /** Lower directory of the host's overlay. */
  root: string;
  /** What lies above it there; null: nothing. */
  over: string | null;
  /** Content identity; null where the root is this machine's own or the user's. */
  digest: string | null;
}

export interface RootContext {
  cache: string;
  announce(line: string): void;
  signal: AbortSignal;
}

const PACKAGES = ['criu', 'runc', 'crun', 'iproute2', 'iptables', 'nftables', 'procps', 'iputils-arping'];
/** crun loads CRIU as a library, which older suites do not have by itself. */
const WITHOUT_LIBCRIU = ['buster', 'bullseye', 'bookworm'];

/** What is said of a name that is none: the nearest that is one, and for a suite alone that it is Debian's. */
export function noToolchain(name: string, where = ''): UsageError {
  const known = ['auto', 'host', ...AUTO_SUITES.map((one) => `debian:${one}`)];
  const meant = SUITES.some((one) => one === name)
    ? `; did you mean \`debian:${name}\`?`
    : nearest(name, known);
  return new UsageError(`${where}${name} is no toolchain${meant}`, TOOLCHAINS);
}

const TOOLCHAINS =
  'use auto, host, debian:SUITE or path:/DIRECTORY, and after it +runc=FROM, +crun=FROM, +criu=FROM as you like (FROM: /FILE, host, debian:SUITE, https://…#sha256=HEX or git:REPOSITORY@REVISION)';

/** Debian suites that `auto` tries, newest toolchain first. */
export const AUTO_SUITES = ['forky', 'trixie', 'bookworm'] as const;

/** The root file system of a toolchain, built or taken from the cache, with its parts above it. */
export async function toolchainRoot(name: ToolchainName, context: RootContext): Promise<ToolchainRoot> {
  const { base, parts } = splitToolchain(name);
  const root = await plainRoot(base, context);
  return withParts(root, parts, context);
}

/** The same root with binaries of other places. UsageError where one is not there. */
export async function withParts(
  root: ToolchainRoot,
  parts: readonly Part[],
  context: RootContext,
): Promise<ToolchainRoot> {
  if (parts.length === 0) return root;
  const found = [];
  for (const part of parts) found.push(await binaryOf(part, context));
  const layer = await layerOf(
    context.cache,
    root.root,
    found.map(({ binary }) => binary),
  );
  return {
    name: joinToolchain(
      root.name,
      found.map(({ part }) => part),
    ),
    root: root.root,
    over: layer.directory,
    digest: root.digest === null ? null : `${root.digest}-${layer.digest}`,
  };
}

/** The binary of a part, and the part by the name that will mean the same tomorrow. */
export async function binaryOf(part: Part, context: RootContext): Promise<{ binary: Binary; part: Part }> {
  const { tool } = part;
  const source = parseSource(part.from);
  switch (source.kind) {
    case 'host':
      return { binary: await binaryHere(part), part };
    case 'debian':
      return { binary: await binaryIn((await plainRoot(part.from, context)).root, part), part };
    case 'file':
      if (source.sha256 === null) return { binary: { tool, root: '/', path: source.path }, part };
      return {
        binary: { tool, root: '/', path: await checkedFile(source.path, source.sha256, context) },
        part,
      };
    case 'url':
      return { binary: { tool, root: '/', path: await downloaded(source, context) }, part };
    case 'git': {
      const { repository, revision } = source;
      const { file, commit, libraries } = await buildRevision(
        { part: tool, repository, commit: revision },
        context,
      );
      const from = sourceText({ ...source, revision: commit });
      return { binary: { tool, root: '/', path: file, libraries }, part: { tool, from } };
    }
  }
}

async function plainRoot(name: ToolchainName, context: RootContext): Promise<ToolchainRoot> {
  if (name === 'host') return { name, root: '/', over: null, digest: null };
  if (name.startsWith('path:'))
    return { name, root: await existing(name.slice('path:'.length)), over: null, digest: null };
  const suite = /^debian:([a-z][a-z0-9.-]*)$/.exec(name)?.[1];
  if (suite === undefined) throw noToolchain(name);
  const request = {
    recipe: {
      kind: 'debian' as const,
      suite,
      packages: toolchainPackages(suite),
      files: [],
    },
    directories: [],
    label: `toolchain debian:${suite}`,
  };
  const { root, digest } = await rootFor(context.cache, request, context.announce, context.signal);
  return { name, root, over: null, digest };
}

/** What is installed into the root file system of a toolchain of that suite. */
export function toolchainPackages(suite: string): string[] {
  return [...PACKAGES, ...(WITHOUT_LIBCRIU.includes(suite) ? [] : ['libcriu2'])];
}

/** Whether this machine itself has runc and CRIU installed. */
export async function installedHere(): Promise<boolean> {
  const found = await run(['/bin/sh', '-c', 'command -v runc && command -v criu'], { timeoutMs: 5_000 });
  return found.status === 0;
}

async function existing(path: string): Promise<string> {
  // It becomes part of overlayfs mount options, where these characters separate.
  if (/[:,\\]/.test(path)) {
    const message = `the root ${path} of a toolchain has a colon, a comma or a backslash in its path`;
    throw new UsageError(message, 'give it another name');
  }
  const found = await stat(path).catch(() => null);
  if (!found?.isDirectory()) throw new EnvironmentError(`the toolchain's root ${path} is not a directory`);
  return path;
}
