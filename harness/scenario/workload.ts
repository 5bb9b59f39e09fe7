/** Servers that a scenario names instead of a command line: `counter` and `redis`. Here and back. */
import { isDeepStrictEqual } from 'node:util';
import type { Bundle, GeneratedBundle } from '../model.ts';
import { type CounterSizes, counterParts, counterSizes } from './counter.ts';
import type { ServerParts } from './perl-server.ts';
import { type RedisSizes, redisParts, redisSizes } from './redis.ts';
import type { Written } from './schema.ts';

export type Workload = { kind: 'counter'; sizes: CounterSizes } | { kind: 'redis'; sizes: RedisSizes };

export function workloadOf({ counter, redis }: Written['bundle']): Workload | null {
  if (counter !== undefined) {
    const { memory = 0, dirty = 0, processes, files } = counter;
    return { kind: 'counter', sizes: { memoryMiB: memory, dirtyMiBPerSecond: dirty, processes, files } };
  }
  if (redis === undefined) return null;
  return {
    kind: 'redis',
    sizes: { dataMiB: redis.data, writesPerSecond: redis.writes ?? 0, options: redis.options },
  };
}

/** `bundle`: its name. */
export function workloadParts(workload: Workload, bundle: string, port: number): ServerParts {
  switch (workload.kind) {
    case 'counter':
      return counterParts(workload.sizes, bundle, port);
    case 'redis':
      return redisParts(workload.sizes, bundle, port);
  }
}

/** The workload of a bundle, and the bundle without it; null where it has none. */
export function workloadIn(
  bundle: Bundle,
  port: number,
): { workload: Workload; bundle: GeneratedBundle } | null {
  if (bundle.kind === 'existing') return null;
  const args = bundle.args.debian;
  const candidates: Workload[] = [
    { kind: 'counter', sizes: counterSizes(args) },
    { kind: 'redis', sizes: redisSizes(args) },
  ];
  for (const workload of candidates) {
    const parts = workloadParts(workload, bundle.name, port);
    if (!isDeepStrictEqual(args, parts.args)) continue;
    const hostFiles = bundle.hostFiles.filter(({ path }) => path !== parts.hostFiles[0]?.path);
    const binds = bundle.binds.filter(({ destination }) => destination !== parts.bind.destination);
    return { workload, bundle: { ...bundle, hostFiles, binds } };
  }
  return null;
}

/** What it holds in memory, as far as the scenario says; eight idle processes are about 1 MiB of images. */
export function workloadMiB({ kind, sizes }: Workload): number {
  return kind === 'counter' ? sizes.memoryMiB + Math.floor(sizes.processes / 8) : sizes.dataMiB;
}

/** As a scenario holds it, below its key. */
export function workloadDocument(workload: Workload): Record<string, unknown> {
  switch (workload.kind) {
    case 'counter': {
      const { memoryMiB, dirtyMiBPerSecond, processes, files } = workload.sizes;
      return {
        ...(memoryMiB > 0 && { memory: `${memoryMiB}MiB` }),
        ...(dirtyMiBPerSecond > 0 && { dirty: `${dirtyMiBPerSecond}MiB/s` }),
        processes,
        files,
      };
    }
    case 'redis': {
      const { dataMiB, writesPerSecond, options } = workload.sizes;
      return {
        data: `${dataMiB}MiB`,
        ...(writesPerSecond > 0 && { writes: `${writesPerSecond}/s` }),
        options,
      };
    }
  }
}
