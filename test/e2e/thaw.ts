/** Runs the built `thaw` as a user does, and reads back what it left. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunRecord } from '../../harness/model.ts';

export const ROOT = join(import.meta.dirname, '../..');
export const MAIN = join(ROOT, 'dist/main.js');

export interface Ended {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export function start(
  args: readonly string[],
  { cwd = ROOT, ownGroup = false } = {},
): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    detached: ownGroup,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
  return { child, ended };
}

export function thaw(...args: string[]): Promise<Ended> {
  return start(args).ended;
}

/** A folder for run directories that goes away with the test. */
export function scratch(): { path: string; remove(): void; write(name: string, content: string): string } {
  const path = mkdtempSync(join(tmpdir(), 'thaw-e2e-'));
  return {
    path,
    remove: () => rmSync(path, { recursive: true, force: true }),
    write(name, content) {
      const file = join(path, name);
      writeFileSync(file, content);
      return file;
    },
  };
}

/** The record that `thaw run --json` printed. */
export function recordOf(ended: Ended): RunRecord {
  const line = ended.stdout.trim().split('\n').at(-1) ?? '';
  if (!line.startsWith('{'))
    throw new Error(`no record: exit ${ended.status}\n${ended.stdout}\n${ended.stderr}`);
  return JSON.parse(line) as RunRecord;
}

/** A shipped scenario with some lines changed. */
export function scenario(name: string, change: (text: string) => string = (text) => text): string {
  return change(readFileSync(join(ROOT, 'scenarios', `${name}.yaml`), 'utf8'));
}

/** The same sequence of numbers in [0, 1) for the same seed. */
export { mulberry32 as random } from '../../harness/analysis/statistics.ts';
