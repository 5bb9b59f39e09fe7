/**
 * How a file is written whole on a host: by a name beside it that nobody can guess (another user may write to /tmp), and a
 * rename; its content on standard input.
 */

export const PUT_LIMIT_MS = 30_000;

export function putArgv(path: string, mode: number): string[] {
  const script =
    'new=$(mktemp -- "$1.XXXXXXXXXX") && cat >"$new" && chmod "$2" "$new" && mv -f -- "$new" "$1" || { rm -f -- "$new"; exit 1; }';
  return ['/bin/sh', '-c', script, 'sh', path, mode.toString(8)];
}
