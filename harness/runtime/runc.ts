/** Command lines of runc. They are values: nothing here runs anything. */

export interface CheckpointRequest {
  id: string;
  /** Null: runc's default, `checkpoint` in the working directory. */
  imagePath: string | null;
  flags: readonly string[];
}

export function checkpointArgv({ id, imagePath, flags }: CheckpointRequest): string[] {
  return ['runc', 'checkpoint', ...paths(imagePath), ...flags, id];
}

/** `parent`: the pre-dump before, relative to `imagePath` as CRIU wants it; null for the first. */
export function preDumpArgv({
  id,
  imagePath,
  parent,
  flags,
}: CheckpointRequest & { parent: string | null }): string[] {
  const since = parent === null ? [] : ['--parent-path', parent];
  return ['runc', 'checkpoint', '--pre-dump', ...paths(imagePath), ...since, ...flags, id];
}

/** `logPath`: where the log goes, if not beside the images. */
export function restoreArgv({
  id,
  imagePath,
  flags,
  logPath = imagePath,
}: CheckpointRequest & { logPath?: string | null }): string[] {
  return ['runc', 'restore', '-d', ...paths(imagePath, logPath), ...flags, id];
}

export function runArgv(id: string): string[] {
  return ['runc', 'run', '-d', id];
}

export function stateArgv(id: string): string[] {
  return ['runc', 'state', id];
}

/** Answers with the PIDs on the host as JSON, or `null`. */
export function psArgv(id: string): string[] {
  return ['runc', 'ps', '--format', 'json', id];
}

export function deleteArgv(id: string): string[] {
  return ['runc', 'delete', '--force', id];
}

/** Flags of the two ends of post-copy, and the daemon between them. `work` is on the destination itself. */
export function pageServerFlags(port: number): string[] {
  return ['--lazy-pages', '--page-server', `0.0.0.0:${port}`, '--status-fd', '6'];
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

// Without `logPath` one directory for images and logs alike, as runc does by default.
function paths(imagePath: string | null, logPath = imagePath): string[] {
  return imagePath === null || logPath === null ? [] : ['--image-path', imagePath, '--work-path', logPath];
}
