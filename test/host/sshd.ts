/** A real sshd on loopback, for one test: its own keys, its own port, ended with it. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SshTarget } from '../../harness/host/ssh-connection.ts';

const SSHD = '/usr/sbin/sshd';

/** Why there can be no sshd here; null where there can. */
export const noSshd =
  process.getuid?.() !== 0 ? 'sshd needs root' : existsSync(SSHD) ? null : 'openssh-server is not installed';

export interface Sshd {
  target: SshTarget;
  directory: string;
  /** Ends the server and all its connections. */
  kill(): void;
  remove(): void;
}

export async function startSshd(): Promise<Sshd> {
  const directory = mkdtempSync(join(tmpdir(), 'thaw-sshd-'));
  const key = (name: string): { secret: string; public: string } => {
    const path = join(directory, name);
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
    return { secret: readFileSync(path, 'utf8'), public: readFileSync(`${path}.pub`, 'utf8').trim() };
  };
  const [hostKey, userKey] = [key('host'), key('user')];
  writeFileSync(join(directory, 'authorized'), `${userKey.public}\n`, { mode: 0o600 });
  const port = await freePort();
  const settings = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${directory}/host`,
    `AuthorizedKeysFile ${directory}/authorized`,
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin yes',
    `PidFile ${directory}/pid`,
  ];
  writeFileSync(join(directory, 'config'), `${settings.join('\n')}\n`);
  mkdirSync('/run/sshd', { recursive: true });
  const server = spawn(SSHD, ['-D', '-e', '-f', join(directory, 'config')], {
    stdio: 'ignore',
    detached: true,
  });
  const kill = (): void => {
    // Each connection is a process of its own, in the server's session.
    if (server.pid === undefined) return;
    for (const pid of descendants(server.pid)) killOne(pid);
  };
  await answering(port);
  return {
    target: {
      name: 'rhel01',
      address: '127.0.0.1',
      port,
      user: userInfo().username,
      privateKey: userKey.secret,
      agent: null,
      hostKeys: [hostKey.public.split(' ').slice(0, 2).join(' ')],
      hostKeysFrom: 'the test',
      sudo: false,
      openStream: null,
    },
    directory,
    kill,
    remove() {
      kill();
      rmSync(directory, { recursive: true });
    },
  };
}

function descendants(pid: number): number[] {
  let children: number[] = [];
  try {
    children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean)
      .map(Number);
  } catch {
    return [];
  }
  return [pid, ...children.filter((child) => isSshd(child)).flatMap(descendants)];
}

function isSshd(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('sshd');
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answering(port: number): Promise<void> {
  for (let i = 0; i < 100; i++) {
    const socket = connect(port, '127.0.0.1');
    const open = await new Promise<boolean>((resolve) => {
      socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    });
    socket.destroy();
    if (open) return;
    await sleep(50);
  }
  throw new Error('sshd did not come up');
}

/** One that has ended by itself meanwhile is as dead. */
function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
