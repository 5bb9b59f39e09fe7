/** What a user is told: what happened, where, why, and what to do next. */

export type ExitCode = 0 | 1 | 2 | 64 | 130 | 143;

/** An error that is shown as text and ends the program with `exitCode`; anything else thrown is a bug. */
export class ThawError extends Error {
  readonly exitCode: ExitCode;
  /** What to do next; shown on a line of its own. */
  readonly next: string | null;

  constructor(message: string, options: { exitCode: ExitCode; next?: string; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = new.target.name;
    this.exitCode = options.exitCode;
    this.next = options.next ?? null;
  }
}

/** What the user wrote is wrong: a command line, YAML, or a file of another schema. Exit 64. */
export class UsageError extends ThawError {
  constructor(message: string, next?: string, cause?: unknown) {
    super(message, { exitCode: 64, ...(next === undefined ? {} : { next }), cause });
  }
}

/** The environment does not let it run: not root, no space, a tool is missing. Exit 2. */
export class EnvironmentError extends ThawError {
  constructor(message: string, next?: string, cause?: unknown) {
    super(message, { exitCode: 2, ...(next === undefined ? {} : { next }), cause });
  }
}

/** Stopped by a signal; clean-ups run, the record is completed, and the exit code tells which signal. */
export class InterruptedError extends ThawError {
  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super(`interrupted by ${signal}`, { exitCode: signal === 'SIGINT' ? 130 : 143 });
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
