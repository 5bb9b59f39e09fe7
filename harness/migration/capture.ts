/**
 * What is captured of a migration where the scenario asks for it: packets, system calls and profiles of CRIU, its core
 * dumps. Begun before the freeze and ended after it; what it costs is in the figures, and the record says so.
 */
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Disturbing, disturbing } from '../fault.ts';
import { CommandError, type Host, type HostProcess } from '../host/host.ts';
import type { CaptureObservation } from '../model.ts';
import { CAPTURES } from '../paths.ts';
import { packetSpan } from '../runtime/pcap.ts';
import { explained } from '../store/disk.ts';
import type { TestbedHost } from '../testbed/testbed.ts';
import { collectCore } from './core-dump.ts';
import { keepFile } from './keep-file.ts';
import { keepImages } from './keep-images.ts';
import type { Migration, Moved } from './migrate.ts';
import { PERF_RECORD } from './perf-record.ts';
import { WATCH_CRIU } from './watch-criu.ts';

export interface Captures {
  /**
   * Everything is in the directory of the migration when it resolves, of one that `failed` the images too. `steps`: those
   * that it had.
   */
  end(steps: Moved['steps'], failed: boolean): Promise<CaptureObservation[]>;
}

/** Resolves when all of them look. Nothing is begun where the scenario asks for nothing. */
export async function beginCaptures(migration: Migration): Promise<Captures> {
  const { scenario, source, destination, filesDirectory } = migration;
  if (scenario.capture.length > 0)
    explained(filesDirectory, () => mkdirSync(filesDirectory, { recursive: true }));
  const all = await Promise.all(
    disturbing(scenario.capture).flatMap((kind) =>
      [source, destination].map((one) => begin(migration, one, kind)),
    ),
  );
  return {
    async end(steps, failed) {
      const ended = await Promise.all(all.map((one) => one(steps)));
      const images = failed && scenario.capture.includes('images') ? await keepImages(migration) : [];
      return [...ended, ...images];
    },
  };
}

type End = (steps: Moved['steps']) => Promise<CaptureObservation>;

async function begin(migration: Migration, one: TestbedHost, kind: Disturbing): Promise<End> {
  const { clock } = migration;
  const told: CaptureObservation = {
    ...{ kind, host: one.host.name, begunMs: clock.now(), endedMs: null },
    ...{ file: null, bytes: 0, packets: null, firstMs: null, lastMs: null, why: null },
  };
  if (kind === 'core') return (steps) => collectCore(migration, one, told, steps);
  const {
    host: beside,
    local,
    pidNamespace,
  } = one.beside ?? {
    host: one.host,
    local: false,
    pidNamespace: '/proc/self/ns/pid',
  };
  if (kind === 'perf' && local && one !== migration.source) {
    const other = migration.source.host.name;
    return async () => ({
      ...told,
      endedMs: clock.now(),
      why: `it is the same machine: see that of ${other}`,
    });
  }
  const name = `${kind}-${one.host.name}${ENDINGS[kind]}`;
  const file = join(migration.filesDirectory, name);
  const path = local ? file : `${CAPTURES}/${name}`;
  if (!local) await beside.exec(['install', '-d', '-m', '0700', '--', CAPTURES], { timeoutMs: 10_000 });
  const child = beside.spawn(bounded(argvOf(kind, { device: one.interface, path, pidNamespace })), {});
  const said = listen(child);
  const why = await ready(child, said);
  if (why !== null) return async () => ({ ...told, endedMs: clock.now(), why });
  return async () => {
    child.kill('SIGINT');
    await endWithin(child);
    const endedMs = clock.now();
    if (!local) await fetch(beside, path, file);
    return { ...told, endedMs, why: lostOf(said.lines), ...whatIs(migration, file, name) };
  };
}

const ENDINGS = { packets: '.pcap', strace: '.txt', perf: '.data' } as const;
/** A packet's headers and its beginning; and so many packets, for each host and migration. */
const SNAPSHOT = 192;
const PACKETS = 200_000;
/** No file becomes larger: 64 MiB, in units of 512 bytes. */
const BLOCKS = 131_072;
const LARGEST = BLOCKS * 512;

function argvOf(
  kind: Exclude<Disturbing, 'core'>,
  at: { device: string; path: string; pidNamespace: string },
): string[] {
  switch (kind) {
    case 'packets':
      // Its own user could not write there. Otherwise the kernel hands packets over by the block, about a second late, and
      // what it still has at the end is lost: all of a short migration.
      return [
        ...['tcpdump', '-i', at.device, '-n', '-U', '--immediate-mode', '-Z', 'root'],
        ...['-s', String(SNAPSHOT), '-c', String(PACKETS), '-w', at.path],
      ];
    case 'strace':
      return [
        ...['perl', '-e', WATCH_CRIU, at.pidNamespace],
        ...['strace', '-A', '-tt', '-T', '-s', '128', '-o', at.path, '-p'],
      ];
    case 'perf':
      return ['perl', '-e', PERF_RECORD, at.path];
  }
}

function bounded(argv: readonly string[]): string[] {
  return ['/bin/sh', '-c', 'ulimit -f "$1" && shift && exec "$@"', 'sh', String(BLOCKS), ...argv];
}

const READY_LIMIT_MS = 5_000;

/** The first and the last of what it says; `each` is told of all. */
interface Said {
  lines: string[];
  each: (line: string) => void;
}

function listen(child: HostProcess): Said {
  const said: Said = { lines: [], each: () => {} };
  const hear = (line: string): void => {
    said.lines.push(line);
    if (said.lines.length > 20) said.lines.splice(10, 1);
    said.each(line);
  };
  createInterface({ input: child.stderr }).on('line', hear);
  createInterface({ input: child.stdout }).on('line', hear);
  return said;
}

/** Null: it looks. Otherwise why it does not. */
function ready(child: HostProcess, said: Said): Promise<string | null> {
  return new Promise((resolve) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      resolve(`not ready after ${READY_LIMIT_MS / 1_000} s`);
    }, READY_LIMIT_MS);
    said.each = (line) => {
      if (!/^listening on |: listening on |^ready$/.test(line)) return;
      clearTimeout(late);
      resolve(null);
    };
    void child.exited.then((status) => {
      clearTimeout(late);
      resolve(`it ended with ${status}: ${said.lines.join(' ').slice(0, 300)}`);
    });
  });
}

/** What tcpdump says at its end of packets that are not in its file. */
function lostOf(lines: readonly string[]): string | null {
  const lost = lines.flatMap((line) => Number(/^(\d+) packets? dropped by /.exec(line)?.[1] ?? 0));
  const all = lost.reduce((sum, one) => sum + one, 0);
  return all === 0 ? null : `${all} packets came too quickly and are not in it`;
}

async function endWithin(child: HostProcess): Promise<void> {
  const late = setTimeout(() => child.kill('SIGKILL'), READY_LIMIT_MS);
  await child.exited;
  clearTimeout(late);
}

async function fetch(host: Host, path: string, file: string): Promise<void> {
  try {
    const content = await host.get(path, LARGEST);
    if (content !== null) keepFile(dirname(file), basename(file), content);
    await host.exec(['rm', '-f', '--', path], { timeoutMs: 10_000, allowFailure: true });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
  }
}

function whatIs({ files }: Migration, file: string, name: string): Partial<CaptureObservation> {
  const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes === 0) return { why: 'there was nothing to capture' };
  const span = name.endsWith('.pcap') ? packetSpan(readFileSync(file)) : null;
  return { file: `${files}/${name}`, bytes, ...span };
}
