/** Commands on the controller itself: as argv, with a limit, in the transcript, never through a shell. */
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { EnvironmentError } from '../errors.ts';
import { killTree } from './process-tree.ts';

export interface LocalResult {
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface LocalOptions {
  timeoutMs: number;
  signal?: AbortSignal;
  cwd?: string;
  env?: Record<string, string>;
  input?: string;
  /** Gets each line of standard output as it comes. */
  onLine?(line: string): void;
}

/** The environment of every command: nothing of the caller's but the path. */
export const COMMAND_ENV: Record<string, string> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
  LC_ALL: 'C.UTF-8',
};

/** Runs a command to its end; status null where it was killed at its limit or by the signal. */
export async function run(argv: readonly string[], options: LocalOptions): Promise<LocalResult> {
  const [file, ...args] = argv;
  if (file === undefined) throw new TypeError('an empty argv');
  const child = execa(file, args, {
    env: { ...COMMAND_ENV, ...options.env },
    extendEnv: false,
    reject: false,
    stripFinalNewline: false,
    maxBuffer: 16 * 1024 * 1024,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
  });
  const { onLine } = options;
  if (onLine !== undefined && child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', onLine);
  }
  let killed = false;
  const kill = (): void => {
    killed = true;
    if (child.pid !== undefined) killTree(child.pid, 'SIGKILL');
  };
  const timer = setTimeout(kill, options.timeoutMs);
  options.signal?.addEventListener('abort', kill, { once: true });
  try {
    const result = await child;
    if (result.code === 'ENOENT' && result.exitCode === undefined) {
      throw new EnvironmentError(
        `${file} is not installed on this machine`,
        'run `thaw doctor` to see what is missing',
      );
    }
    return { status: killed ? null : (result.exitCode ?? 128), stdout: result.stdout, stderr: result.stderr };
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', kill);
  }
}

/** Like `run`, but a status other than 0 is an EnvironmentError that shows what the command said. */
export async function mustRun(argv: readonly string[], options: LocalOptions): Promise<string> {
  const result = await run(argv, options);
  if (result.status === 0) return result.stdout;
  options.signal?.throwIfAborted();
  const how =
    result.status === null ? `no end within ${options.timeoutMs / 1000} s` : `exit ${result.status}`;
  const said = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-6).join('\n  ');
  throw new EnvironmentError(`${argv[0]} failed: ${how}: ${argv.join(' ')}${said ? `\n  ${said}` : ''}`);
}
