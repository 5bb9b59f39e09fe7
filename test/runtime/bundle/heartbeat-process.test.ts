import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HEARTBEAT_FILE, parseHeartbeat } from '../../../harness/runtime/bundle/heartbeat.ts';
import { heartbeatArgs } from '../../../harness/runtime/bundle/heartbeat-process.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'thaw-heartbeat-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};
async function until<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const seen = look();
    if (seen !== undefined) return seen;
    await sleep(5);
  }
}
/** PID of the heartbeat whose parent is `server`. */
const childOf = (server: number): number | undefined =>
  Number(read(`/proc/${server}/task/${server}/children`).split(' ')[0]) || undefined;

describe.skipIf(process.platform !== 'linux')('the heartbeat', () => {
  it('notes the wall clock before and after it was stopped, holds no file open, and ends with its server', async () => {
    const notes = join(directory, HEARTBEAT_FILE);
    const [command, ...args] = heartbeatArgs(['sleep', '60'], notes) as [string, ...string[]];
    const server = spawn(command, args, { stdio: 'pipe' });
    const exited = new Promise((resolve) => server.once('exit', resolve));
    try {
      const pid = server.pid as number;
      await until(() => (read(notes).startsWith('period 1000\n') ? true : undefined));
      const beat = await until(() => childOf(pid));
      expect(read(`/proc/${pid}/cmdline`)).toBe('sleep\u000060\u0000');
      const stoppedAt = Date.now();
      process.kill(beat, 'SIGSTOP');
      await until(() => (/^State:\s+T/m.test(read(`/proc/${beat}/status`)) ? true : undefined));
      const open = readdirSync(`/proc/${beat}/fd`).map((fd) => readlinkSync(`/proc/${beat}/fd/${fd}`));
      expect([open.includes('/dev/null'), open.filter((path) => path.startsWith(directory))]).toEqual([
        true,
        [],
      ]);
      await sleep(100);
      const resumedAt = Date.now();
      process.kill(beat, 'SIGCONT');
      const pause = await until(() =>
        parseHeartbeat(read(notes), (us) => us / 1_000)?.pauses.find(
          ({ earliest, latest }) => earliest <= stoppedAt + 50 && latest >= resumedAt,
        ),
      );
      expect(pause.latest - pause.earliest).toBeGreaterThan(90);
      server.kill('SIGKILL');
      await exited;
      await until(() => (read(`/proc/${beat}/cmdline`).includes(directory) ? undefined : true));
    } finally {
      server.kill('SIGKILL');
    }
  });

  it('writes where it is read', () => {
    expect(basename(heartbeatArgs(['a'])[5] as string)).toBe(HEARTBEAT_FILE);
  });

  it('passes the words of the server on as they are', async () => {
    const words = ['a b', "'", '$HOME', '"$(id)"', ''];
    const [command, ...args] = heartbeatArgs(['printf', '<%s>', ...words], join(directory, 'n')) as [
      string,
      ...string[],
    ];
    const server = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    let said = '';
    server.stdout.on('data', (data) => {
      said += data;
    });
    await new Promise((resolve) => server.once('close', resolve));
    expect(said).toBe('<a b><\'><$HOME><"$(id)"><>');
  });
});
