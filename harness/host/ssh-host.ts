/**
 * A host that is reached over SSH. sshd gives every command to a shell, so each word is quoted; the command runs as
 * root, in a session of its own, and tells its PID first: that is how it can be ended from outside.
 */
import { PassThrough, type Readable } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import type { Clock } from '../clock.ts';
import { deferred } from '../deferred.ts';
import { messageOf } from '../errors.ts';
import { CommandError, type CommandResult, type Host, type HostProcess } from './host.ts';
import { statusOf } from './process-host.ts';
import { PUT_LIMIT_MS, putArgv } from './put.ts';
import type { SshConnection } from './ssh-connection.ts';
import type { Transcript } from './transcript.ts';

export interface SshHostOptions {
  name: string;
  connection: SshConnection;
  sudo: boolean;
  clock: Clock;
  transcript: Transcript;
  /** Of every command. */
  env?: Readonly<Record<string, string>>;
  /** Words before every command that lead into a place of its own there, such as `nsenter …`; none: as it is. */
  enter?: readonly string[];
}

const OUTPUT_LIMIT = 64 * 1024 * 1024;
const KILL_LIMIT_MS = 5_000;
/** Status of a command whose connection broke: nobody knows how it ended. As ssh(1) says it. */
const CONNECTION_LOST = 255;

// sudo's PATH is its own; a plain user's has no sbin.
const BEGIN = `PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8; export PATH LC_ALL
echo "thaw-pid $$" >&2
exec "$@"`;
const IN_DIRECTORY = 'cd -- "$1" || exit 126; shift; exec "$@"';

/** Words as one line of shell that means just them. */
export function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
}

export function sshHost({ name, connection, sudo, clock, transcript, ...options }: SshHostOptions): Host {
  const { env = {}, enter = [] } = options;
  const settings = Object.entries(env).map(([variable, value]) => `${variable}=${value}`);
  const before = [...(sudo ? ['sudo', '-n', '--'] : []), 'setsid', '--wait', '/bin/sh', '-c', BEGIN, 'thaw'];
  const begin = [...before, ...(settings.length === 0 ? [] : ['env', ...settings]), ...enter];
  const commandLine = (argv: readonly string[], cwd: string | undefined): string => {
    const there = cwd === undefined ? [] : ['/bin/sh', '-c', IN_DIRECTORY, 'thaw', cwd];
    return quoted([...begin, ...there, ...argv]);
  };

  const spawn = (argv: readonly string[], cwd: string | undefined): Remote => {
    const remote = remoteProcess(connection, commandLine(argv, cwd), (pid) =>
      // By the PID of the host itself: inside of a place it may be another.
      kill(connection, quoted([...before, 'kill', '-KILL', '--', `-${pid}`])),
    );
    return remote;
  };

  const execRaw = async (
    argv: readonly string[],
    options: Parameters<Host['exec']>[1],
  ): Promise<RawResult> => {
    const { timeoutMs, cwd, input, allowFailure } = options;
    const startedMs = clock.now();
    const remote = spawn(argv, cwd);
    remote.stdin.end(input ?? '');
    const output = Promise.all([gathered(remote.stdout), gathered(remote.stderr)]);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      remote.kill('SIGKILL');
    }, timeoutMs);
    const status = await remote.exited.finally(() => clearTimeout(timer));
    const [stdout, stderr] = await output;
    const result = late ? null : { status, stdout: stdout.toString(), stderr: stderr.toString() };
    const shown = result ?? { status: null, stdout: '', stderr: '' };
    transcript.record({ host: name, argv, startedMs, endedMs: clock.now(), ...shown });
    // A connection that broke says nothing of the command, so it is never a mere failure of it.
    if (result === null || remote.lost() || (status !== 0 && !allowFailure)) {
      throw new CommandError(name, argv, result, timeoutMs);
    }
    return { ...result, raw: stdout };
  };

  return {
    name,
    exec: async (argv, options) => {
      const { status, stdout, stderr } = await execRaw(argv, options);
      return { status, stdout, stderr };
    },
    spawn: (argv, { cwd }) => spawn(argv, cwd),
    async put(path, content, mode, limitMs = PUT_LIMIT_MS) {
      await execRaw(putArgv(path, mode), { timeoutMs: limitMs, input: content });
    },
    async get(path, limitBytes) {
      const script = '[ ! -L "$1" ] && [ -e "$1" ] || exit 3; exec head -c "$2" -- "$1"';
      const argv = ['/bin/sh', '-c', script, 'sh', path, String(limitBytes)];
      const { status, raw, stderr } = await execRaw(argv, { timeoutMs: 60_000, allowFailure: true });
      if (status === 3) return null;
      if (status !== 0) throw new CommandError(name, argv, { status, stdout: '', stderr }, 0);
      return raw;
    },
  };
}

interface RawResult extends CommandResult {
  raw: Buffer;
}

interface Remote extends HostProcess {
  /** Whether it ended with its connection. */
  lost(): boolean;
}

function remoteProcess(connection: SshConnection, command: string, end: (pid: number) => void): Remote {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const exited = deferred<number>();
  let pid: number | null = null;
  let toKill = false;
  let isLost = false;
  let channel: ClientChannel | null = null;

  const onPid = (told: number): void => {
    pid = told;
    if (toKill) end(told);
  };
  const finish = (status: number): void => {
    stdout.end();
    stderr.end();
    exited.resolve(status);
  };
  const lose = (why: string): void => {
    isLost = true;
    if (!stderr.writableEnded) stderr.write(`${why}\n`);
    finish(CONNECTION_LOST);
  };
  const begin = (opened: ClientChannel): void => {
    channel = opened;
    opened.on('error', () => {});
    stdin.pipe(opened);
    opened.on('data', (chunk: Buffer) => void stdout.write(chunk));
    pidTaken(opened.stderr as Readable, stderr, onPid);
    opened.on('close', (code: number | null | undefined, signal?: string) => {
      // sshd tells how a command ended before it closes its channel; a connection that breaks does not.
      if (code === undefined) lose('the connection was lost');
      else finish(statusOf(code, signal === undefined ? null : `SIG${signal}`));
    });
  };
  connection.channel(command).then(begin, (error) => lose(messageOf(error)));

  return {
    stdin,
    stdout,
    stderr,
    exited: exited.promise,
    lost: () => isLost,
    kill() {
      toKill = true;
      if (pid !== null) end(pid);
      // Where nobody answers any more there is nobody to end it: the channel is given up.
      setTimeout(() => channel?.destroy(), KILL_LIMIT_MS).unref();
    },
  };
}

const PID_LINE = /^thaw-pid (\d+)\n/m;

/** Passes standard error on without the line that tells the PID, which comes in one piece. */
function pidTaken(from: Readable, to: PassThrough, onPid: (pid: number) => void): void {
  let head: string | null = '';
  from.on('data', (chunk: Buffer) => {
    if (head === null) {
      to.write(chunk);
      return;
    }
    head += chunk.toString('latin1');
    const found = PID_LINE.exec(head);
    if (found !== null) onPid(Number(found[1]));
    // Until the PID was told there is only what sudo or a login has to say.
    to.write(Buffer.from(head.replace(PID_LINE, ''), 'latin1'));
    head = found === null ? '' : null;
  });
}

function kill(connection: SshConnection, command: string): void {
  if (!connection.connected()) return;
  connection.channel(command).then(
    (channel) => {
      channel.on('error', () => {});
      channel.stderr.resume();
      channel.resume();
    },
    () => {},
  );
}

/** All that a stream brings until it ends, or the first OUTPUT_LIMIT bytes of it. */
async function gathered(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= OUTPUT_LIMIT) chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
