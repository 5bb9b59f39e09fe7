/** The toolchain of a host: runc (or crun) and CRIU, in a root file system of their own or this machine's. */
import { stat } from 'node:fs/promises';
import { EnvironmentError, UsageError } from '../errors.ts';
import { run } from '../host/local.ts';
import type { ToolchainName } from '../model.ts';
import { rootFor } from './roots/build.ts';

export interface ToolchainRoot {
  /** Never `auto`: what it came to. */
  name: ToolchainName;
  /** Lower directory of the host's overlay. */
  root: string;
  /** Content identity; null where the root is this machine's own or the user's. */
  digest: string | null;
}

export interface RootContext {
  cache: string;
  announce(line: string): void;
  signal: AbortSignal;
}

// crun loads CRIU as a library.
const PACKAGES = [
  'criu',
  'libcriu2',
  'runc',
  'crun',
  'iproute2',
  'iptables',
  'nftables',
  'procps',
  'iputils-arping',
];

/** Debian suites that `auto` tries, newest toolchain first. */
export const AUTO_SUITES = ['forky', 'trixie', 'bookworm'] as const;

/** The root file system of a toolchain, built or taken from the cache. */
export async function toolchainRoot(name: ToolchainName, context: RootContext): Promise<ToolchainRoot> {
  if (name === 'host') return { name, root: '/', digest: null };
  if (name.startsWith('path:'))
    return { name, root: await existing(name.slice('path:'.length)), digest: null };
  const suite = /^debian:([a-z][a-z0-9.-]*)$/.exec(name)?.[1];
  if (suite === undefined)
    throw new UsageError(`${name} is no toolchain`, 'use auto, host, debian:SUITE or path:/DIRECTORY');
  const request = {
    recipe: { kind: 'debian' as const, suite, packages: PACKAGES, files: [] },
    directories: [],
    label: `toolchain debian:${suite}`,
  };
  const { root, digest } = await rootFor(context.cache, request, context.announce, context.signal);
  return { name, root, digest };
}

/** Whether this machine itself has runc and CRIU installed. */
export async function installedHere(): Promise<boolean> {
  const found = await run(['/bin/sh', '-c', 'command -v runc && command -v criu'], { timeoutMs: 5_000 });
  return found.status === 0;
}

async function existing(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  if (!found?.isDirectory()) throw new EnvironmentError(`the toolchain's root ${path} is not a directory`);
  return path;
}
