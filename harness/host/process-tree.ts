/** Processes of ours as /proc shows them. Signals go to a PID and its descendants, never to a name. */
import { readdirSync, readFileSync } from 'node:fs';

/** Direct children of a process; none where it is gone. */
export function childrenOf(pid: number): number[] {
  const children: number[] = [];
  for (const task of entries(`/proc/${pid}/task`)) {
    const list = readOrEmpty(`/proc/${pid}/task/${task}/children`);
    children.push(...list.split(' ').filter(Boolean).map(Number));
  }
  return children;
}

/** Signals a process and all of its descendants, leaves first. */
export function killTree(pid: number, signal: NodeJS.Signals): void {
  for (const child of childrenOf(pid)) killTree(child, signal);
  killOne(pid, signal);
}

/** Signals one process; one that is gone already is no error. */
export function killOne(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** Start time in clock ticks since boot: with the PID it names one process for good. Null where it is gone. */
export function startTicks(pid: number): number | null {
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return afterName.length > 19 ? Number(afterName[19]) : null;
}

function entries(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
