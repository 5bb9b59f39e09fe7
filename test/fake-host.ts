/**
 * The one fake of a host: a real `Host` whose commands run on this machine, where `runc`, `criu`, `ip` and their
 * like are stubs that note how they were called. Shells are real, so what Thaw sends to one is tested as it is.
 */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandError, type Host, type HostProcess } from '../harness/host/host.ts';
import { killTree } from '../harness/host/process-tree.ts';

export interface FakeHost extends Host {
  /** Calls of stubs so far, as `name: argv` with each argument in quotes where it needs them. */
  calls(): string[];
  remove(): void;
}

/** Stubs by name: shell text that runs after the call was noted; the empty text succeeds in silence. */
export type Stubs = Record<string, string>;

const ALL_STUBS = ['runc', 'crun', 'criu', 'arping', 'iptables', 'iptables-save', 'nft', 'sysctl'];

export function fakeHost(name: string, stubs: Stubs = {}, log?: string): FakeHost {
  const directory = mkdtempSync(join(tmpdir(), `thaw-fake-${name}-`));
  const calls = log ?? join(directory, 'calls');
  const bin = join(directory, 'bin');
  mkdirSync(bin);
  writeFileSync(calls, '', { flag: 'a' });
  for (const stub of new Set([...ALL_STUBS, 'ip', ...Object.keys(stubs)])) {
    // `ip -batch -` is noted by the line that it gets.
    const given =
      stub === 'ip' ? '[ "$1" = -batch ] && { IFS= read -r line || exit 0; set -- $line; }\n' : '';
    const note = `printf '%s' '${name}: ${stub}' >>"${calls}.$$"; for a; do printf ' %s' "$a" >>"${calls}.$$"; done; echo >>"${calls}.$$"; cat "${calls}.$$" >>'${calls}'; rm "${calls}.$$"\n`;
    writeFileSync(join(bin, stub), `#!/bin/sh\n${given}${note}${stubs[stub] ?? ''}\n`);
    chmodSync(join(bin, stub), 0o755);
  }
  const env = { PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`, FAKE: directory, LC_ALL: 'C' };

  const start = (argv: readonly string[], cwd: string | undefined) =>
    spawn(argv[0] as string, argv.slice(1), { env, stdio: 'pipe', ...(cwd === undefined ? {} : { cwd }) });

  return {
    name,
    async exec(argv, { timeoutMs, cwd, input, allowFailure }) {
      const child = start(argv, cwd);
      child.stdin.on('error', () => {});
      child.stdin.end(input ?? '');
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (chunk) => {
        stdout += chunk;
      });
      child.stderr.on('data', (chunk) => {
        stderr += chunk;
      });
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        if (child.pid !== undefined) killTree(child.pid, 'SIGKILL');
      }, timeoutMs);
      const status = await new Promise<number>((resolve) => {
        child.on('close', (code) => resolve(code ?? 137));
        child.on('error', () => resolve(127));
      });
      clearTimeout(timer);
      const result = { status, stdout, stderr };
      if (late || (status !== 0 && !allowFailure))
        throw new CommandError(name, argv, late ? null : result, timeoutMs);
      return result;
    },
    spawn(argv, { cwd }): HostProcess {
      const child = start(argv, cwd);
      child.stdin.on('error', () => {});
      return {
        stdin: child.stdin,
        stdout: child.stdout,
        stderr: child.stderr,
        exited: new Promise((resolve, reject) => {
          child.on('close', (code) => resolve(code ?? 137));
          child.on('error', reject);
        }),
        kill: (signal) => child.pid !== undefined && killTree(child.pid, signal),
      };
    },
    put: async (path, content, mode) => writeFileSync(path, content, { mode }),
    get: async (path) => {
      try {
        return readFileSync(path);
      } catch {
        return null;
      }
    },
    calls: () => readFileSync(calls, 'utf8').split('\n').filter(Boolean),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
