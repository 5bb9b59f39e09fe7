/** Command lines of runc and crun, which take the same words. They are values: nothing here runs anything. */
import type { RuntimeName, ToolchainFacts } from '../model.ts';

/** A container by the word of its runtime. */
export interface ContainerName {
  runtime: RuntimeName;
  id: string;
}

export interface CheckpointRequest {
  container: ContainerName;
  /** Null: the runtime's default, `checkpoint` in the working directory. */
  imagePath: string | null;
  flags: readonly string[];
}

export function checkpointArgv({ container, imagePath, flags }: CheckpointRequest): string[] {
  return [container.runtime, 'checkpoint', ...paths(imagePath), ...flags, container.id];
}

/** `parent`: the pre-dump before, relative to `imagePath` as CRIU wants it; null for the first. */
export function preDumpArgv({
  container,
  imagePath,
  parent,
  flags,
}: CheckpointRequest & { parent: string | null }): string[] {
  const since = parent === null ? [] : ['--parent-path', parent];
  return [
    container.runtime,
    'checkpoint',
    '--pre-dump',
    ...paths(imagePath),
    ...since,
    ...flags,
    container.id,
  ];
}

/** `logPath`: where the log goes, if not beside the images. */
export function restoreArgv({
  container,
  imagePath,
  flags,
  logPath = imagePath,
}: CheckpointRequest & { logPath?: string | null }): string[] {
  return [container.runtime, 'restore', '-d', ...paths(imagePath, logPath), ...flags, container.id];
}

export function runArgv({ runtime, id }: ContainerName): string[] {
  return [runtime, 'run', '-d', id];
}

export function stateArgv({ runtime, id }: ContainerName): string[] {
  return [runtime, 'state', id];
}

/** Answers with the PIDs on the host as JSON, or `null`. */
export function psArgv({ runtime, id }: ContainerName): string[] {
  return [runtime, 'ps', '--format', 'json', id];
}

export function resumeArgv({ runtime, id }: ContainerName): string[] {
  return [runtime, 'resume', id];
}

export function deleteArgv({ runtime, id }: ContainerName): string[] {
  return [runtime, 'delete', '--force', id];
}

/** Directory in which a runtime keeps what it knows of its containers. */
export function stateDirectory({ runtime, id }: ContainerName): string {
  return `/run/${runtime}/${id}`;
}

/** CRIU's page server listens there while a migration goes on: on the source, or with a transfer on the destination. */
export const PAGES_PORT = 27;
/** Images that go over the network are taken there. */
export const IMAGES_PORT = 17_028;

/** Flags of the two ends of post-copy, and the daemon between them. `work` is on the destination itself. */
export function pageServerFlags(port: number): string[] {
  return ['--lazy-pages', '--page-server', `0.0.0.0:${port}`, '--status-fd', '6'];
}

/** Where the pages of a dump go instead of its image directory. */
export function toPageServerFlags(server: { address: string; port: number }): string[] {
  return ['--page-server', `${server.address}:${server.port}`];
}

/** It takes the pages of one dump, and says on descriptor 6 that it listens. */
export function pageServerArgv(server: { address: string; port: number }, images: string): string[] {
  const at = ['--address', server.address, '--port', String(server.port), '--status-fd', '6'];
  return ['criu', 'page-server', ...at, '--images-dir', images, '--log-file', 'page-server.log', '-vv'];
}

/** It goes into the background when its socket in `work` is there. */
export function lazyPagesArgv(
  server: { address: string; port: number },
  { images, work }: { images: string; work: string },
): string[] {
  const from = ['--page-server', '--address', server.address, '--port', String(server.port)];
  const place = ['--images-dir', images, '--work-dir', work, '--log-file', 'lazy-pages.log'];
  return ['criu', 'lazy-pages', ...from, ...place, '-vv', '--daemon', '--pidfile', `${work}/lazy-pages.pid`];
}

/** `runc 1.3.6`. */
export function runtimeText({ runtime }: ToolchainFacts): string {
  return `${runtime.name} ${runtime.version}`;
}

/** Whether a version such as `1.3.6+ds1` is at least `wanted`; an unknown version is not. */
export function atLeast(version: string, wanted: readonly number[]): boolean {
  const parts = /^(\d+)\.(\d+)(?:\.(\d+))?/
    .exec(version)
    ?.slice(1)
    .map((part) => Number(part ?? 0));
  if (parts === undefined) return false;
  for (const [i, want] of wanted.entries()) {
    const has = parts[i] ?? 0;
    if (has !== want) return has > want;
  }
  return true;
}

// Without `logPath` one directory for images and logs alike, as both do by default.
function paths(imagePath: string | null, logPath = imagePath): string[] {
  return imagePath === null || logPath === null ? [] : ['--image-path', imagePath, '--work-path', logPath];
}
