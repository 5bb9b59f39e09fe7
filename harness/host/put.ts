/** How a file is written whole on a host: by a temporary name beside it and a rename, its content on standard input. */

export const PUT_LIMIT_MS = 30_000;

export function putArgv(path: string, mode: number): string[] {
  const script = 'cat >"$1" && chmod "$2" "$1" && mv -f "$1" "$3"';
  return ['/bin/sh', '-c', script, 'sh', `${path}.thaw-new`, mode.toString(8), path];
}
