/** One machine of an inventory, connected. */
import type { Clock } from '../../clock.ts';
import { EnvironmentError, messageOf } from '../../errors.ts';
import { CommandError, type Host } from '../../host/host.ts';
import type { HostClock } from '../../host/host-clock.ts';
import { remoteClock } from '../../host/remote-clock.ts';
import { sshConnection } from '../../host/ssh-connection.ts';
import { sshHost } from '../../host/ssh-host.ts';
import type { Transcript } from '../../host/transcript.ts';
import type { HostName } from '../../model.ts';
import { sanitizerEnvironment } from '../../runtime/sanitizers.ts';
import type { Scope } from '../../scope.ts';
import type { Machine } from './inventory.ts';
import { targetOf } from './target.ts';

export interface ConnectContext {
  clock: Clock;
  transcript: Transcript;
  scope: Scope;
}

export interface Connected {
  host: Host;
  clock: HostClock;
  /** The same machine, with words before each command that lead into a place of its own there. */
  inside(enter: readonly string[]): Host;
}

/** EnvironmentError where the machine cannot be reached, is not the one that is meant, or refuses the user. */
export async function connect(
  name: HostName,
  machine: Machine,
  enter: readonly string[],
  { clock, transcript, scope }: ConnectContext,
  limitMs?: number,
): Promise<Connected> {
  const target = await targetOf(name, machine, enter);
  const connection = sshConnection(target, limitMs);
  scope.defer(`close the connection to ${name}`, connection.close);
  await connection.open();
  const options = { name, connection, sudo: target.sudo, clock, transcript };
  const inside = (words: readonly string[]): Host =>
    sshHost({ ...options, env: sanitizerEnvironment(process.env), enter: words });
  const host = inside([]);
  return { host, clock: remoteClock(host, clock), inside };
}

export async function requireRoot(host: Host): Promise<void> {
  const asked = await host.exec(['id', '-u'], { timeoutMs: 30_000, allowFailure: true }).catch((error) => {
    if (error instanceof CommandError) return { status: -1, stdout: '', stderr: messageOf(error) };
    throw error;
  });
  if (asked.status === 0 && asked.stdout.trim() === '0') return;
  const why = asked.stderr.trim().split('\n').at(-1) || `the user ID is ${asked.stdout.trim()}`;
  throw new EnvironmentError(
    `commands on ${host.name} are not root's: ${why}`,
    'let sudo do without a password there (NOPASSWD), or name another `user`',
  );
}
