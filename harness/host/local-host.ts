/** A place on this machine, as a host: the client's, where it is no host made of namespaces. */
import { readFile } from 'node:fs/promises';
import type { Host } from './host.ts';
import { type ProcessHostOptions, processHost } from './process-host.ts';

/** `enter`: words before each command, such as those that enter a network namespace. */
export function localHost({
  enter,
  ...rest
}: Omit<ProcessHostOptions, 'wrap' | 'get'> & { enter: readonly string[] }): Host {
  return processHost({
    ...rest,
    wrap: (argv) => [...enter, ...argv],
    get: async (path, limitBytes) => {
      const content = await readFile(path).catch(() => null);
      return content?.subarray(0, limitBytes) ?? null;
    },
  });
}
