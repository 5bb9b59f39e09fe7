/** One SSH connection to a host, made when it is needed and again when it was lost; all commands are its channels. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { Client, type ClientChannel } from 'ssh2';
import { EnvironmentError, messageOf } from '../errors.ts';
import type { HostName } from '../model.ts';

export interface SshTarget {
  name: HostName;
  address: string;
  port: number;
  user: string;
  /** The private key's text; null: the agent's keys. */
  privateKey: string | null;
  agent: string | null;
  /** Host keys that are accepted, as `ssh-ed25519 AAAA…`; never empty, never "any". */
  hostKeys: readonly string[];
  /** Where those keys were taken from, for the error that names them. */
  hostKeysFrom: string;
  /** Whether commands need sudo to be root's. */
  sudo: boolean;
  /** A stream to the host's SSH port, where it is not reached directly; null: TCP. */
  openStream: (() => Duplex) | null;
}

export interface SshConnection {
  /** Connects, where that has not been done. EnvironmentError with the reason where it cannot be. */
  open(): Promise<void>;
  /** Opens a channel that runs this shell text. EnvironmentError where there is no connection, with the reason. */
  channel(command: string): Promise<ClientChannel>;
  /** Whether there is a connection now. */
  connected(): boolean;
  close(): void;
}

const CONNECT_LIMIT_MS = 20_000;
/** A connection that says nothing for so many of these is dead. */
const KEEPALIVE_MS = 5_000;
const KEEPALIVES_MISSED = 6;

export function sshConnection(target: SshTarget, connectLimitMs = CONNECT_LIMIT_MS): SshConnection {
  let current: Promise<Client> | null = null;
  let alive = false;
  let closed = false;

  const client = (): Promise<Client> => {
    if (closed) throw new EnvironmentError(`the connection to ${target.name} is closed`);
    if (current !== null) return current;
    const made = connect(target, connectLimitMs, () => {
      alive = false;
      if (current === made) current = null;
    });
    current = made;
    made.then(
      () => {
        alive = true;
      },
      () => {
        if (current === made) current = null;
      },
    );
    return made;
  };

  return {
    async open() {
      await client();
    },
    connected: () => alive,
    async channel(command) {
      const ready = await client();
      return new Promise((resolve, reject) => {
        ready.exec(command, (error, channel) => {
          if (error === undefined) resolve(channel);
          else reject(new EnvironmentError(`no channel to ${target.name}: ${messageOf(error)}`));
        });
      });
    },
    close() {
      closed = true;
      current?.then(
        (ready) => ready.destroy(),
        () => {},
      );
    },
  };
}

function connect(target: SshTarget, limitMs: number, onGone: () => void): Promise<Client> {
  const client = new Client();
  const { address, port, user, privateKey, agent } = target;
  const refused: string[] = [];
  const ready = new Promise<Client>((resolve, reject) => {
    client.once('ready', () => resolve(client));
    client.on('error', (error) => reject(connectError(target, error, refused)));
    client.on('close', () => {
      reject(connectError(target, new Error('the connection was closed'), refused));
      onGone();
    });
  });
  client.connect({
    username: user,
    ...(target.openStream === null ? { host: address, port } : { sock: target.openStream() }),
    ...(privateKey === null ? {} : { privateKey }),
    ...(agent === null ? {} : { agent }),
    readyTimeout: limitMs,
    keepaliveInterval: KEEPALIVE_MS,
    keepaliveCountMax: KEEPALIVES_MISSED,
    algorithms: { serverHostKey: keyTypes(target.hostKeys) as never },
    hostVerifier: (key: Buffer) => {
      const known = target.hostKeys.some((line) => sameKey(line, key));
      if (!known) refused.push(fingerprint(key));
      return known;
    },
  });
  ready.catch(() => client.destroy());
  return ready;
}

/** Only key types that can be verified are asked for, so that a host does not offer one that is not known here. */
function keyTypes(hostKeys: readonly string[]): string[] {
  const types = new Set(hostKeys.map((line) => line.split(' ')[0] as string));
  // One RSA key signs in three ways.
  if (types.delete('ssh-rsa')) for (const type of ['rsa-sha2-512', 'rsa-sha2-256']) types.add(type);
  return [...types];
}

function sameKey(line: string, key: Buffer): boolean {
  const known = Buffer.from(line.split(' ')[1] ?? '', 'base64');
  return known.length === key.length && timingSafeEqual(known, key);
}

/** As `ssh-keygen -l` prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

function connectError(target: SshTarget, error: Error, refused: readonly string[]): EnvironmentError {
  const where = `${target.name} (${target.user}@${target.address}:${target.port})`;
  if (refused.length > 0) {
    const expected = target.hostKeys.map((line) =>
      fingerprint(Buffer.from(line.split(' ')[1] ?? '', 'base64')),
    );
    return new EnvironmentError(
      `${where} shows another host key than the one that is known: ${refused.join(', ')} instead of ${expected.join(', ')}`,
      `either it is another machine, or it was installed anew; the known key is from ${target.hostKeysFrom}`,
    );
  }
  const denied = /authentication methods failed/.test(error.message);
  return new EnvironmentError(
    `no SSH connection to ${where}: ${error.message}`,
    denied
      ? 'check the user and the key of this host'
      : 'check that it runs and can be reached: thaw doctor --testbed …',
  );
}
