/**
 * A pool of vitest in which each file of end-to-end tests has processes, mounts, state and cgroups that no other sees: what it
 * counts before and after is its own, and files run beside each other.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { ForksPoolWorker, type PoolOptions, type PoolRunnerInitializer, type PoolWorker } from 'vitest/node';
import { whyNotHere } from './machine.ts';

export const pens: PoolRunnerInitializer = {
  name: 'pens',
  // Where nothing can run, a test says so.
  createPoolWorker: (options) => (whyNotHere() === null ? pen(options) : new ForksPoolWorker(options)),
};

/** As vitest's own pool of forks does it, with the script between. */
function pen({ distPath, execArgv, env, project }: PoolOptions): PoolWorker {
  // By chance, for a PID is one's own only in its namespace: what a killed one left must not be in the way of the next.
  const name = `pen-${randomBytes(6).toString('hex')}`;
  const script = join(import.meta.dirname, 'pen.sh');
  const worker = [process.execPath, ...execArgv, join(distPath, 'workers/forks.js')];
  const inside = ['--pid', '--mount', '--fork', '--kill-child', '--mount-proc', '/bin/sh', script, name];
  let child: ChildProcess;
  return {
    name: pens.name,
    cacheFs: true,
    async start() {
      child = spawn('unshare', [...inside, ...worker], {
        env,
        stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
        serialization: 'advanced',
        // Ctrl-C is for vitest alone: when it has gone the pen ends what is in it, in order.
        detached: true,
      });
      child.stdout?.pipe(project.vitest.logger.outputStream, { end: false });
      child.stderr?.pipe(project.vitest.logger.errorStream, { end: false });
    },
    on: (event, callback) => child.on(event, callback),
    off: (event, callback) => child.off(event, callback),
    send: (message) => child.send(message),
    deserialize: (data) => data,
    async stop() {
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.stdin?.end();
      await ended;
    },
  };
}
