/** Load of this machine beside a run, to bring out failures that come seldom. Bounded, and gone with its parent. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, freemem } from 'node:os';
import { join, resolve } from 'node:path';
import { EnvironmentError, messageOf } from '../errors.ts';
import { COMMAND_ENV } from './local.ts';

export const STRESS_KINDS = ['cpu', 'memory', 'disk'] as const;
export type StressKind = (typeof STRESS_KINDS)[number];

export interface Stress {
  /** All of it has ended when it resolves, and its files are gone. */
  end(): Promise<void>;
}

/** Nothing goes on for longer, whatever becomes of who began it. */
const LIMIT_MS = 3_600_000;
/** A quarter of what is free, and no more than this. */
const MEMORY_MIB = 1_024;
const FILE_MIB = 64;

/** Arguments: limit in milliseconds, then size in MiB, then the file. */
const WORK: Record<StressKind, string> = {
  cpu: 'const end = Date.now() + +process.argv[1]; while (Date.now() < end);',
  memory: `const end = Date.now() + +process.argv[1]; const held = Buffer.alloc(process.argv[2] * 1048576);
    for (let n = 0; Date.now() < end; n++) for (let at = 0; at < held.length; at += 4096) held[at] = n;`,
  disk: `const fs = require('node:fs'); const end = Date.now() + +process.argv[1];
    const file = fs.openSync(process.argv[3], 'w'); const block = Buffer.alloc(1048576, 'x');
    while (Date.now() < end) { for (let at = 0; at < process.argv[2]; at++) fs.writeSync(file, block, 0, block.length, at * block.length); fs.fsyncSync(file); }`,
};

/** `directory`: where the disk is; a folder of its own is made in it. EnvironmentError where nothing can be started. */
export async function beginStress(kinds: readonly StressKind[], directory: string): Promise<Stress> {
  if (kinds.length === 0) return { end: async () => {} };
  const own = await mkdtemp(join(resolve(directory), '.thaw-stress-'));
  const memory = Math.max(1, Math.min(MEMORY_MIB, Math.floor(freemem() / 1_048_576 / 4)));
  const children = kinds.flatMap((kind) => {
    const count = kind === 'cpu' ? availableParallelism() : 1;
    return Array.from({ length: count }, () =>
      begin(kind, kind === 'memory' ? memory : FILE_MIB, join(own, 'file')),
    );
  });
  const end = async (): Promise<void> => {
    await Promise.all(children.map(ended));
    await rm(own, { recursive: true, force: true });
  };
  try {
    await Promise.all(children.map((child) => once(child, 'spawn')));
  } catch (error) {
    await end();
    throw new EnvironmentError(
      `the load cannot be made: ${messageOf(error)}`,
      'install setpriv, of util-linux',
    );
  }
  return { end };
}

function begin(kind: StressKind, mebibytes: number, file: string): ChildProcess {
  const node = [process.execPath, '-e', WORK[kind], '--', String(LIMIT_MS), String(mebibytes), file];
  return spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...node], { stdio: 'ignore', env: COMMAND_ENV });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}
