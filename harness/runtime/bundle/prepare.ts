/** The bundle: root file system from the cache, config.json, and the files of each host. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { EnvironmentError, messageOf, UsageError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import type { Bundle, ExistingBundle, Family, GeneratedBundle } from '../../model.ts';
import { rootFor } from '../roots/build.ts';
import type { RootContext } from '../toolchain.ts';
import { adaptConfig, ociConfig, validateOci } from './config.ts';

/** Something of this machine that the hosts find below /runc. */
export interface Shared {
  from: string;
  /** Path below /runc. */
  at: string;
  /** `copy` where the container may write to it: what is in the cache or the user's is never written. */
  mode: 'read-only' | 'copy';
  /** Content identity, where a copy that is there already will do; null: it is copied anew. */
  digest: string | null;
}

export interface PreparedBundle {
  id: string;
  /** Bundle directory on the hosts. */
  directory: string;
  config: unknown;
  shared: Shared[];
  /** Content identity of the root file system; null where it is the user's own. */
  digest: string | null;
}

export interface BundleOptions {
  family: Family;
  userNamespace: boolean;
  /** Path on the hosts of a criu.conf that the container's annotation names; null: none. */
  criuConf: string | null;
}

/** Where the heartbeat writes, on the share; every host sees it there. */
export const HEARTBEAT_DIRECTORY = '/runc/heartbeat';

/** Prepares all that can be prepared before there are hosts. */
export async function prepareBundle(
  bundle: Bundle,
  options: BundleOptions,
  context: RootContext,
): Promise<PreparedBundle> {
  const prepared =
    bundle.kind === 'generated'
      ? await generated(bundle, options, context)
      : await existingBundle(bundle, options);
  validateOci(prepared.config);
  return prepared;
}

/** Throws what `prepareBundle` would of files that are not there, and builds nothing. */
export async function requireBundle(bundle: Bundle, options: BundleOptions): Promise<void> {
  if (bundle.kind === 'existing') {
    validateOci((await existingBundle(bundle, options)).config);
    return;
  }
  const recipe = recipeOf(bundle, options.family);
  if (recipe.kind === 'path') await directoryAt(recipe.path);
}

/** Writes config.json on the share and the files of each host. */
export async function installBundle(
  prepared: PreparedBundle,
  bundle: Bundle,
  hosts: readonly Host[],
): Promise<void> {
  const [first] = hosts;
  if (first === undefined) return;
  const limit = { timeoutMs: 10_000 };
  await first.exec(['mkdir', '-p', '--', prepared.directory, HEARTBEAT_DIRECTORY], limit);
  // Whoever the container runs as writes there.
  await first.exec(['chmod', '1777', HEARTBEAT_DIRECTORY], limit);
  await first.put(
    `${prepared.directory}/config.json`,
    `${JSON.stringify(prepared.config, null, 2)}\n`,
    0o644,
  );
  const binds = bundle.kind === 'generated' ? bundle.binds.map(({ source }) => source) : [];
  for (const host of hosts) {
    const directories = [...binds, ...bundle.hostFiles.map(({ path }) => dirname(path))];
    if (directories.length > 0) await host.exec(['mkdir', '-p', '--', ...directories], limit);
    for (const { path, content } of bundle.hostFiles) {
      await host.put(path, content.replaceAll('{host}', host.name), 0o644);
    }
  }
}

async function generated(
  bundle: GeneratedBundle,
  options: BundleOptions,
  context: RootContext,
): Promise<PreparedBundle> {
  const { family } = options;
  const directory = `/runc/containers/${bundle.name}`;
  const config = ociConfig(bundle, family, {
    userNamespace: options.userNamespace,
    criuConf: options.criuConf,
    heartbeatDirectory: bundle.heartbeat ? HEARTBEAT_DIRECTORY : null,
  });
  const recipe = recipeOf(bundle, family);
  const root =
    recipe.kind === 'path'
      ? { root: await directoryAt(recipe.path), digest: null }
      : await rootFor(
          context.cache,
          { recipe, directories: mountPoints(config), label: `root of ${bundle.name}` },
          context.announce,
          context.signal,
        );
  const mode = bundle.readOnlyRoot ? ('read-only' as const) : ('copy' as const);
  // What the container may write to is never taken for what it was made from.
  const digest = bundle.readOnlyRoot ? root.digest : null;
  const shared = [{ from: root.root, at: `containers/${bundle.name}/rootfs`, mode, digest }];
  return { id: bundle.name, directory, config, shared, digest: root.digest };
}

function recipeOf({ root }: GeneratedBundle, family: Family) {
  const recipe = root[family];
  if (recipe !== undefined) return recipe;
  throw new UsageError(
    `the scenario has no root file system for hosts with ${family} packages`,
    `add \`bundle.root.${family}\`, or choose another toolchain`,
  );
}

/** The user's own: a directory is copied whole; of a lone config.json only it and its root are taken. */
export async function existingBundle(
  bundle: ExistingBundle,
  options: Pick<BundleOptions, 'userNamespace' | 'criuConf'>,
): Promise<PreparedBundle> {
  const isDirectory = (await stat(bundle.path).catch(() => null))?.isDirectory() ?? false;
  const configPath = isDirectory ? join(bundle.path, 'config.json') : bundle.path;
  const original = await readConfig(configPath);
  const config = adaptConfig(original, {
    userNamespace: options.userNamespace,
    criuConf: options.criuConf,
    heartbeatDirectory: bundle.heartbeat ? HEARTBEAT_DIRECTORY : null,
  });
  const at = `containers/${bundle.name}`;
  const rootPath = (original as { root?: { path?: string } }).root?.path ?? 'rootfs';
  const root = isAbsolute(rootPath) ? rootPath : join(dirname(configPath), rootPath);
  const shared: Shared[] =
    isDirectory && !isAbsolute(rootPath)
      ? [{ from: bundle.path, at, mode: 'copy', digest: null }]
      : [{ from: await directoryAt(root), at: `${at}/rootfs`, mode: 'copy', digest: null }];
  const placed = isDirectory && !isAbsolute(rootPath) ? config : withRoot(config, 'rootfs');
  return { id: bundle.name, directory: `/runc/${at}`, config: placed, shared, digest: null };
}

function withRoot(config: unknown, path: string): unknown {
  const known = config as { root?: Record<string, unknown> };
  return { ...known, root: { ...known.root, path } };
}

async function readConfig(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new UsageError(
      `${path} is no OCI config.json: ${messageOf(error)}`,
      'see `bundle.from` in the scenario',
    );
  }
}

async function directoryAt(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory()) return path;
  throw new EnvironmentError(
    `the root file system ${path} is not a directory`,
    'see `bundle.root` in the scenario',
  );
}

/** Mount points of a config: in a read-only root runc cannot make them. */
export function mountPoints(config: unknown): string[] {
  const { mounts } = config as { mounts?: { destination: string }[] };
  return (mounts ?? []).map(({ destination }) => destination);
}
