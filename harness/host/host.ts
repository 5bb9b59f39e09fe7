/**
 * A host: where commands run. Commands are argv, never shell text; every wait has a limit.
 * Transports: namespaces of this machine (`namespace-host.ts`); a fake for tests (`test/fake-host.ts`).
 */
import type { Readable, Writable } from 'node:stream';
import { ThawError } from '../errors.ts';
import type { HostName } from '../model.ts';

export interface Host {
  readonly name: HostName;
  /** Runs a command to its end. Throws CommandError on a status other than 0 unless `allowFailure`. */
  exec(argv: readonly string[], options: ExecOptions): Promise<CommandResult>;
  /** Starts a command and hands out its streams. The caller ends it. */
  spawn(argv: readonly string[], options: SpawnOptions): HostProcess;
  /** Writes a file whole, by a temporary name and a rename; within `limitMs`, 30 s unless it is said. */
  put(path: string, content: string | Buffer, mode: number, limitMs?: number): Promise<void>;
  /** Reads a file whole; null where there is none. Never follows a link at its last component. */
  get(path: string, limitBytes: number): Promise<Buffer | null>;
}

export interface ExecOptions {
  timeoutMs: number;
  cwd?: string;
  input?: string | Buffer;
  allowFailure?: boolean;
}

export interface SpawnOptions {
  cwd?: string;
}

export interface CommandResult {
  status: number;
  stdout: string;
  stderr: string;
}

export interface HostProcess {
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
  /** Resolves with the exit status (128 + signal number where it was killed) once all streams are closed. */
  exited: Promise<number>;
  kill(signal: NodeJS.Signals): void;
}

/** A command on a host that ended with a status other than 0, or did not end within its limit. */
export class CommandError extends ThawError {
  readonly host: HostName;
  readonly argv: readonly string[];
  readonly result: CommandResult | null;

  constructor(host: HostName, argv: readonly string[], result: CommandResult | null, limitMs: number) {
    const how = result === null ? `no end within ${limitMs / 1000} s` : `exit ${result.status}`;
    const said = lastWords(result?.stderr || result?.stdout || '');
    super(`${argv[0]} failed on ${host}: ${how}: ${argv.join(' ')}${said ? `\n  ${said}` : ''}`, {
      exitCode: 2,
    });
    this.host = host;
    this.argv = argv;
    this.result = result;
  }
}

/** What a command said last that matters: its error messages, or else its last lines. */
export function lastWords(output: string): string {
  const lines = output.trim().split('\n');
  // runc logs as `time="…" level=error msg="…"`.
  const errors = lines
    .map((line) => /level=(?:error|fatal) msg="((?:[^"\\]|\\.)*)"/.exec(line)?.[1]?.replace(/\\(.)/g, '$1'))
    .filter((message) => message !== undefined);
  return (errors.length > 0 ? errors : lines).slice(-3).join('\n  ');
}
