/** One run at a time on a machine. */
import type { Host } from '../../host/host.ts';
import type { Scope } from '../../scope.ts';

const LOCK = '/run/thaw.lock';

/** Whether nobody else has it. It is held by a process there that ends with the connection, or with the scope. */
export async function claimed(host: Host, scope: Scope): Promise<boolean> {
  const held = host.spawn(['flock', '--nonblock', LOCK, '/bin/sh', '-c', 'echo held; cat >/dev/null'], {});
  held.stderr.resume();
  const got = await new Promise<boolean>((resolve) => {
    held.stdout.once('data', () => resolve(true));
    held.exited.then(() => resolve(false));
  });
  if (!got) return false;
  scope.defer(`let go of ${host.name}`, async () => {
    held.stdin.end();
    await held.exited;
  });
  return true;
}
