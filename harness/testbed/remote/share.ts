/** Brings what hosts find below /runc to the machines that share it: as a tar stream, once for each content. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { EnvironmentError } from '../../errors.ts';
import { CommandError, type Host } from '../../host/host.ts';
import { COMMAND_ENV } from '../../host/local.ts';
import type { Shared } from '../../runtime/bundle/prepare.ts';
import { firstWrite } from './first-write.ts';

const LIMIT = { timeoutMs: 30_000 };
const UNPACK_LIMIT_MS = 10 * 60_000;

export type Delivery = Pick<Shared, 'from' | 'at' | 'digest'>;

/** `base`: directory on `host`, such as what all hosts see as /runc. */
export async function deliver(
  shared: readonly Delivery[],
  host: Host,
  base: string,
  announce: (line: string) => void,
): Promise<void> {
  for (const one of shared) {
    const target = posix.join(base, one.at);
    if (one.digest !== null && (await digestAt(host, target)) === one.digest) continue;
    announce(`copying ${one.at} to ${host.name}`);
    try {
      await unpack(one.from, host, target);
    } catch (error) {
      await host.exec(emptied(target), { ...EMPTY_LIMIT, allowFailure: true }).catch(() => {});
      throw error;
    }
    // Last, so that a copy that was cut off is never taken for a whole one.
    if (one.digest !== null) await host.put(markerOf(target), `${one.digest}\n`, 0o644);
  }
}

function markerOf(target: string): string {
  return `${target}.thaw-digest`;
}

async function digestAt(host: Host, target: string): Promise<string | null> {
  const { status } = await host.exec(['test', '-d', target], { ...LIMIT, allowFailure: true });
  if (status !== 0) return null;
  return (await host.get(markerOf(target), 200))?.toString().trim() ?? null;
}

const EMPTY = 'rm -f -- "$2" && rm -rf --one-file-system -- "$1"';
const EMPTY_LIMIT = { timeoutMs: 120_000 };

function emptied(target: string): string[] {
  return ['/bin/sh', '-c', EMPTY, 'sh', target, markerOf(target)];
}

/** Quick rather than small: what is sent is encrypted and decrypted byte by byte, which costs an emulated host most. */
const PACKED = '--use-compress-program=gzip -1';
const EXTRACT = [
  'tar',
  '--extract',
  '--gzip',
  '--numeric-owner',
  '--preserve-permissions',
  '--xattrs',
  '-f',
  '-',
  '-C',
];

async function unpack(from: string, host: Host, target: string): Promise<void> {
  await host.exec(emptied(target), EMPTY_LIMIT);
  await host.exec(['mkdir', '-p', '--', target], LIMIT);
  const remote = host.spawn([...EXTRACT, target], {});
  const local = spawn(
    'tar',
    ['--create', PACKED, '--one-file-system', '--numeric-owner', '--xattrs', '-f', '-', '-C', from, '.'],
    {
      env: COMMAND_ENV,
      stdio: ['ignore', 'pipe', 'pipe'],
      // Ctrl-C in a terminal is for Thaw, which ends in order: half a tree would have to be copied again.
      detached: true,
    },
  );
  let said = '';
  const note = (chunk: Buffer): void => {
    said = (said + chunk).slice(-2_000);
  };
  remote.stderr.on('data', note);
  remote.stdout.resume();
  local.stderr.on('data', note);
  const limit = setTimeout(() => {
    local.kill('SIGKILL');
    remote.kill('SIGKILL');
  }, UNPACK_LIMIT_MS);
  const packed = new Promise<number>((resolve) => local.on('close', (code) => resolve(code ?? 137)));
  // A pipe that breaks is told by the exit of either end.
  await pipeline(local.stdout, remote.stdin).catch(() => {});
  const [ours, theirs] = await Promise.all([packed, remote.exited]).finally(() => clearTimeout(limit));
  if (theirs !== 0) {
    throw new CommandError(host.name, [...EXTRACT, target], { status: theirs, stdout: '', stderr: said }, 0);
  }
  if (ours !== 0) throw new EnvironmentError(`${from} could not be read whole: ${said.trim()}`);
}

/** Whether all hosts see one directory at /runc: what the first writes, the others read. */
export async function requireShared(hosts: readonly Host[], announce: (line: string) => void): Promise<void> {
  const [first, ...others] = hosts;
  if (first === undefined) return;
  const path = `/runc/.thaw-${randomBytes(6).toString('hex')}`;
  await first.exec(['mkdir', '-p', '/runc/containers'], LIMIT);
  try {
    await firstWrite(first, { path, content: first.name, mode: 0o644 }, announce);
    for (const other of others) {
      if ((await other.get(path, 100))?.toString() === first.name) continue;
      throw new EnvironmentError(
        `${other.name} does not see what ${first.name} writes to /runc`,
        'mount one share at /runc on all hosts: findmnt /runc shows what is there',
      );
    }
  } finally {
    await first.exec(['rm', '-f', '--', path], { ...LIMIT, allowFailure: true });
  }
}
