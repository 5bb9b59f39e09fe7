import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Host } from '../../harness/host/host.ts';
import { inspectContainer, tasksOf } from '../../harness/runtime/inspect.ts';

let child: ChildProcess;
beforeEach(() => {
  child = spawn('sleep', ['60'], { stdio: ['ignore', 'pipe', 'ignore'] });
});
afterEach(() => void child.kill('SIGKILL'));

/** This machine, on which runc says that the container has these tasks. */
function hostWith(tasks: string, status = 0): Host {
  return {
    name: 'here',
    async exec(argv: readonly string[]) {
      if (argv[0] === 'runc') return { status, stdout: tasks, stderr: '' };
      const [command = '', ...args] = argv;
      const ended = spawnSync(command, args, { encoding: 'utf8' });
      return { status: ended.status ?? -1, stdout: ended.stdout, stderr: ended.stderr };
    },
  } as unknown as Host;
}

it('tells processes, open files, mounts and mapped files, and neither sockets nor the numbers of pipes', async () => {
  const lines = (await inspectContainer(hostWith(`[${child.pid}]`), { runtime: 'runc', id: 'web' })) ?? [];
  const of = (kind: string): string[] => lines.filter((line) => line.startsWith(kind));
  // What this process itself was given is not of this test.
  const own = of('descriptor').filter((line) => /^descriptor [012] /.test(line));
  expect(of('process')).toEqual([`process ${child.pid}, child of 0: sleep`]);
  // Node gives a socket where a pipe is asked for.
  expect(own).toEqual([
    `descriptor 0 of process ${child.pid}: /dev/null`,
    `descriptor 2 of process ${child.pid}: /dev/null`,
  ]);
  expect(of('mount /proc: proc ')).toHaveLength(1);
  expect(of('mapping').some((line) => /: r-xp .*\/sleep, \d+ bytes$/.test(line))).toBe(true);
  expect([...lines].sort()).toEqual(lines);
});

it('leaves out a file that is opened again and again, for as long as a busy machine keeps it open', async () => {
  // Open for 30 ms, closed for 30 ms.
  const opens =
    'while (1) { open(my $f, "<", "/etc/passwd"); select(undef, undef, undef, 0.03); close $f; select(undef, undef, undef, 0.03) }';
  const server = spawn('perl', ['-e', opens], { stdio: 'ignore' });
  try {
    for (let time = 0; time < 8; time += 1) {
      const lines =
        (await inspectContainer(hostWith(`[${server.pid}]`), { runtime: 'runc', id: 'web' })) ?? [];
      expect(lines.filter((line) => line.includes('/etc/passwd'))).toEqual([]);
      expect(lines.some((line) => line.startsWith('descriptor 0 '))).toBe(true);
    }
  } finally {
    server.kill('SIGKILL');
  }
});

it('says nothing where the container does not run, or the tasks are gone', async () => {
  expect(await inspectContainer(hostWith('', 1), { runtime: 'runc', id: 'web' })).toBeNull();
  expect(await inspectContainer(hostWith('null'), { runtime: 'runc', id: 'web' })).toBeNull();
  expect(await tasksOf(hostWith('[30, 7, 12]'), { runtime: 'runc', id: 'web' })).toEqual([7, 12, 30]);
});
